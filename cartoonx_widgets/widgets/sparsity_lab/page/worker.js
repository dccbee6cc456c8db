// The thread in which the lab's page computes, so that it stays quick: what it is sent first is the lab and the texts.

import { PageKernel } from "./page_kernel.js";
import { translator } from "../../shared/page/texts.js";

/** @type {PageKernel | null} */
let kernel = null;

/** @type {PromiseWithResolvers<ImageBitmap> | null} the picture that the page was asked to decode */
let asked = null;

addEventListener("message", ({ data }) => {
  if ("bitmap" in data) {
    if (data.bitmap) asked?.resolve(data.bitmap);
    else asked?.reject();
  } else if (kernel) kernel.take(data.message, data.buffers);
  else kernel = new PageKernel(data.lab, translator(data.texts), { send, decode });
});

/**
 * Have the page decode the parts of a file: WebKit reads no blob in a worker of a page from disk.
 * @param {ArrayBuffer[]} encoded
 */
function decode(encoded) {
  asked = Promise.withResolvers();
  postMessage({ encoded });
  return asked.promise;
}

/**
 * Send a message to the page; its bytes move and are not copied.
 * @param {object} content
 * @param {(DataView | ImageData)[]} buffers
 */
function send(content, buffers) {
  const transfer = buffers.map((one) => (one instanceof ImageData ? one.data.buffer : one.buffer));
  postMessage({ content, buffers }, { transfer });
}
