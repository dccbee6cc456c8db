// The thread in which the lab's page computes, so that it stays quick: what it is sent first is the lab and the texts.

import { PageKernel } from "./page_kernel.js";
import { translator } from "../../shared/page/texts.js";

/** @type {PageKernel | null} */
let kernel = null;

addEventListener("message", ({ data }) => {
  if (kernel) kernel.take(data.message, data.buffers);
  else {kernel = new PageKernel(data.lab, translator(data.texts), (content, buffers) =>
      postMessage({ content, buffers }));}
});
