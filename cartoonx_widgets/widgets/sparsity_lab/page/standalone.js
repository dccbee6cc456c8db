// The lab as a page that needs neither kernel nor network.

import { render } from "./main.js";
import { WorkerModel } from "./worker_model.js";
import { fill, held, heldPlotly } from "../../shared/page/standalone.js";
import { translator } from "../../shared/page/texts.js";
import { sendFile } from "../../shared/page/upload.js";

fill((el) => {
  const texts = held("texts");
  const options = { t: translator(texts), library: heldPlotly };
  const model = new WorkerModel(held("worker"), { lab: held("content"), texts }, options);
  render({ model, el, live: false });
  takeDropped((message, buffers) => model.send(message, undefined, buffers));
  return new Promise((resolve) => model.on("msg:custom", resolve));
});

/**
 * Take a picture that is dropped anywhere on the page; a browser would leave the page for it.
 * @param {import("../../shared/page/types.d.ts").Send<any>} send
 */
function takeDropped(send) {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) sendFile(file, send);
  });
}
