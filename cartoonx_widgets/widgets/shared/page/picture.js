// A panel that shows a picture.

import { h } from "./dom.js";
import { Panel } from "./panel.js";
import { plotlyNow } from "./plotly.js";

const COARSE = 3; // pixels of the screen for one of the picture, from which on it is shown as the square that it is

/** @import { Layout, Trace } from "./plotly.d.ts" */

/** A picture, in square pixels. */
export class PicturePanel extends Panel {
  /** @type {[rows: number, columns: number] | null} of the picture */
  size = null;
  /** @type {HTMLImageElement | null} what stands in for the plot until it can be drawn */
  still = null;
  /** @type {Trace[]} */
  traces = [{ type: "image", source: null, hoverinfo: "skip", zsmooth: "fast" }];

  /**
   * @param {Layout} _axis
   * @returns {Layout}
   */
  compose(_axis) {
    if (this.size) {
      const [rows, columns] = this.size;
      const enlarged = Math.min(this.plot.clientHeight / rows, this.plot.clientWidth / columns);
      this.traces[0] = { ...this.traces[0], zsmooth: enlarged < COARSE ? "fast" : false };
    }
    const hidden = { visible: false, constrain: "domain", fixedrange: false };
    return { xaxis: { ...hidden }, yaxis: { ...hidden, scaleanchor: "x", autorange: "reversed" }, dragmode: "pan" };
  }

  /**
   * Show a picture, as an image until there is plotly.js to draw it with.
   * @param {string} source a data URL
   * @param {string} description
   * @returns {Promise<void> | null} null where it is shown already
   */
  show(source, description) {
    this.describe(description);
    if (source === this.traces[0].source) return null;
    this.traces[0] = { ...this.traces[0], source };
    if (!plotlyNow()) {
      this.still ??= this.plot.appendChild(h("img", { class: "cx-still-picture", alt: "" }));
      this.still.src = source;
    }
    return this.draw();
  }

  async drawNow() {
    await super.drawNow();
    this.still?.remove();
    this.still = null;
  }
}
