// The results as a widget: takes the records that the kernel sends, and shows them.

import { showResults } from "./results.js";
import { usePlotly } from "../../shared/page/plotly.js";

function render({ model, el }) {
  usePlotly(model.get("_plotly"));
  let shown = null;
  let chosen = "";
  let turn = Promise.resolve(); // one message after the other
  const take = async ({ type, content, pictures }) => {
    if (type === "results") {
      shown?.end();
      shown = await showResults(el, content, model.get("texts"), {
        choices: chosen,
        chosen: (text) => (chosen = text),
        ask: (photograph) => model.send({ type: "pictures", photograph }),
      });
    } else if (type === "pictures") shown?.pictures(pictures);
  };
  const receive = (message) => (turn = turn.then(() => take(message)));
  model.on("msg:custom", receive);
  model.send({ type: "ready" });
  return () => {
    model.off("msg:custom", receive);
    shown?.end();
  };
}

export default { render };
