// The results as a widget: takes the records that the kernel sends, and shows them.

import { resultsRegion, showResults } from "./results.js";
import { lifetime } from "../../shared/page/lifetime.js";
import { Problem } from "../../shared/page/problem.js";
import { receive } from "../../shared/page/receive.js";
import { showSnapshot } from "../../shared/page/snapshot.js";
import { syncState } from "../../shared/page/state.js";
import { translator } from "../../shared/page/texts.js";

/**
 * @import { PicturesMessage, ResultsMessage } from "./messages.d.ts"
 * @import { Host } from "../../shared/page/types.d.ts"
 */

/** @param {Host} host */
function render({ model, el, signal }) {
  const life = lifetime(signal);
  const t = translator(model.get("texts"));
  const problem = new Problem(t);
  const root = resultsRegion(t, problem.element);
  el.append(root);
  let shown = lifetime(life.signal); // how long the current records are shown
  /** @type {ReturnType<typeof showResults> | null} what takes pictures for them, and choices */
  let view = null;
  let choices = "";
  const selected = syncState(
    model,
    ["score", "method", "photograph"],
    (selection) => view?.take(selection),
    life.signal,
  );
  const opened = showSnapshot(root, model, t);
  const send = receive(
    model,
    {
      /** @param {ResultsMessage} message */
      results({ content }) {
        shown.abort();
        shown = lifetime(life.signal);
        view = showResults(root, content, t, {
          signal: shown.signal,
          choices,
          changed: (text) => (choices = text),
          selected,
          ask: (photograph) => send({ type: "pictures", photograph }),
        });
      },
      /** @param {PicturesMessage} message */
      pictures: ({ pictures }) => view?.addPictures(pictures),
      error: problem.show,
    },
    { t, problem, signal: life.signal, opening: "results", opened },
  );
  return () => life.abort();
}

export default { render };
