// What pages without a kernel share.

import { bytes } from "./bytes.js";
import { takePlotly } from "./plotly.js";

/** The JSON in the page's element with this id. */
export const held = (id) => JSON.parse(document.getElementById(id).textContent);

/** Begin to read plotly.js, which the page holds in base64. */
export const readPlotly = () => takePlotly(bytes(document.getElementById("plotly").textContent));

/** Show what the page is for; what was seen until then goes when it has been shown. */
export async function fill(show) {
  const place = document.getElementById("widget");
  const still = [...place.children];
  await show(place);
  still.forEach((element) => element.remove());
}
