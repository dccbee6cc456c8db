// What pages without a kernel share.

import { bytes } from "./bytes.js";
import { takePlotly } from "./plotly.js";

/**
 * The element with this id, which the page has.
 * @param {string} id
 */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * The JSON in the page's element with this id.
 * @param {string} id
 */
export const held = (id) => JSON.parse(element(id).textContent);

/** plotly.js, compressed, which the page holds in base64. */
export const heldPlotly = () => bytes(element("plotly").textContent);

/** Begin to read plotly.js. */
export const readPlotly = () => takePlotly(heldPlotly());

/**
 * Show what the page is for; what was seen until then goes when it has been shown.
 * @param {(root: HTMLElement) => unknown} show
 */
export async function fill(show) {
  const root = element("widget");
  const still = [...root.children];
  await show(root);
  still.forEach((element) => element.remove());
}
