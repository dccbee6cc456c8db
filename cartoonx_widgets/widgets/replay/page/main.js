// The replay as a widget: takes the recorded run that the kernel sends, and shows it.

import { replayRegion, showRecording } from "./player.js";
import { lifetime } from "../../shared/page/lifetime.js";
import { Problem } from "../../shared/page/problem.js";
import { receive } from "../../shared/page/receive.js";
import { showSnapshot } from "../../shared/page/snapshot.js";
import { syncState } from "../../shared/page/state.js";
import { translator } from "../../shared/page/texts.js";

/**
 * @import { ContentMessage } from "./messages.d.ts"
 * @import { PlayerState } from "./player.js"
 * @import { Host } from "../../shared/page/types.d.ts"
 */

/** @param {Host} host */
function render({ model, el, signal }) {
  const life = lifetime(signal);
  const t = translator(model.get("texts"));
  const problem = new Problem(t);
  const root = replayRegion(t, problem.element);
  el.append(root);
  let isShown = false; // it is sent for every view that asks

  /** @param {ContentMessage} message */
  async function content({ content }) {
    if (isShown) return;
    /** @type {(state: Partial<PlayerState>) => void} */
    let take = () => {};
    const moved = syncState(model, ["frame", "playing", "band"], (state) => take(state), life.signal);
    const failed = problem.showFailure;
    take = await showRecording(root, content, t, { signal: life.signal, moved, failed });
    isShown = true;
  }

  const opened = showSnapshot(root, model, t);
  receive(model, { content, error: problem.show }, { t, problem, signal: life.signal, opening: "content", opened });
  return () => life.abort();
}

export default { render };
