// The replay as a widget: takes the recorded run that the kernel sends, and shows it.

import { showFilm } from "./player.js";
import { usePlotly } from "../../shared/page/plotly.js";

function render({ model, el }) {
  usePlotly(model.get("_plotly"));
  let end = () => {};
  const receive = async ({ type, film }) => {
    if (type !== "film") return;
    model.off("msg:custom", receive); // it is sent for every view that asks
    end = await showFilm(el, film, model.get("texts"));
  };
  model.on("msg:custom", receive);
  model.send({ type: "ready" });
  return () => {
    model.off("msg:custom", receive);
    end();
  };
}

export default { render };
