// The lab as a page that needs neither kernel nor network.

import { render } from "./main.js";
import { PageKernel } from "./page_kernel.js";
import { fill, held, heldPlotly } from "../../shared/page/standalone.js";
import { translator } from "../../shared/page/texts.js";
import { sendFile } from "../../shared/page/upload.js";

fill((el) => {
  const texts = held("texts");
  const kernel = new PageKernel(held("content"), { texts, t: translator(texts), library: heldPlotly });
  render({ model: kernel, el });
  takeDropped((message, buffers) => kernel.send(message, undefined, buffers));
  return kernel.answered;
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
