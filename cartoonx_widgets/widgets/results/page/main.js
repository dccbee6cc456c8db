// The results as a widget: takes the records that the kernel sends, and shows them.

import { resultsRegion, showResults } from "./results.js";
import { lifetime } from "../../shared/page/lifetime.js";
import { Problem } from "../../shared/page/problem.js";
import { receive } from "../../shared/page/receive.js";
import { showSnapshot } from "../../shared/page/snapshot.js";
import { translator } from "../../shared/page/texts.js";

function render({ model, el, signal }) {
  const life = lifetime(signal);
  const t = translator(model.get("texts"));
  const problem = new Problem(t);
  const root = resultsRegion(t, problem.element);
  el.append(root);
  let shown = lifetime(life.signal); // how long the records of now are shown
  let take = () => {}; // takes pictures for them
  let choices = "";
  const opened = showSnapshot(root, model, t);
  const send = receive(
    model,
    {
      results({ content }) {
        shown.abort();
        shown = lifetime(life.signal);
        take = showResults(root, content, t, {
          signal: shown.signal,
          choices,
          chosen: (text) => (choices = text),
          ask: (photograph) => send({ type: "pictures", photograph }),
        });
      },
      pictures: ({ pictures }) => take(pictures),
      error: (content) => problem.show(content),
    },
    { t, problem, signal: life.signal, opening: "results", opened },
  );
  return () => life.abort();
}

export default { render };
