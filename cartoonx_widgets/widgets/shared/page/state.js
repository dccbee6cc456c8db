// State that the page shares with Python: traits of the model.

import { atEnd } from "./lifetime.js";

/**
 * Call `take(state)` with what changes of these traits elsewhere, until `signal` ends it. Returns a function that sets
 * them to what the page shows; nothing is sent where nothing has changed.
 *
 * @param {import("./types.d.ts").Model} model
 * @param {readonly string[]} names
 * @param {(state: Record<string, any>) => void} take
 * @param {AbortSignal} signal
 */
export function syncState(model, names, take, signal) {
  let isOurs = false; // whether the change is the page's own
  for (const name of names) {
    const changed = () => {
      if (!isOurs) take({ [name]: model.get(name) });
    };
    model.on(`change:${name}`, changed);
    atEnd(signal, () => model.off(`change:${name}`, changed));
  }
  return (/** @type {Record<string, unknown>} */ state) => {
    const news = names.filter((name) => name in state && state[name] !== model.get(name));
    if (!news.length) return;
    isOurs = true;
    for (const name of news) model.set(name, state[name]);
    isOurs = false;
    model.save_changes();
  };
}
