// A panel that shows a picture.

import { h } from "./dom.js";
import { Panel } from "./panel.js";
import { plotlyNow } from "./plotly.js";

const COARSE = 3; // pixels of the screen for one of the picture, from which on it is shown as the square that it is

/** @import { Layout, Trace } from "./plotly.d.ts" */

/**
 * A rectangle of a picture, as shares of its width and height.
 * @typedef {{ left: number, top: number, width: number, height: number }} Place
 */

/** A picture, in square pixels. */
export class PicturePanel extends Panel {
  /** @type {[rows: number, columns: number] | null} of the picture */
  size = null;
  /** @type {HTMLImageElement | null} what stands in for the plot until it can be drawn */
  still = null;
  /** @type {HTMLElement | null} */
  outlined = null;
  /** @type {() => void} is called when another picture is shown */
  shown = () => {};
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
    this.shown();
    if (!plotlyNow()) {
      this.still ??= this.plot.appendChild(h("img", { class: "cx-still-picture", alt: "" }));
      this.still.src = source;
    }
    return this.draw();
  }

  /**
   * Draw a frame around a part of the picture, or none.
   * @param {Place | null} place
   */
  outline(place) {
    const { xaxis, yaxis } = this.plot._fullLayout ?? {};
    if (!place || !this.size || !xaxis || !yaxis) {
      this.outlined?.remove();
      this.outlined = null;
      return;
    }
    const [rows, columns] = this.size;
    this.outlined ??= this.element.appendChild(h("div", { class: "cx-outline", "aria-hidden": "true" }));
    /** @param {import("./plotly.d.ts").Axis} axis @param {number} share @param {number} count */
    const at = (axis, share, count) => axis._offset + axis.d2p(share * count - 0.5);
    const [x0, x1] = [place.left, place.left + place.width].map((share) => at(xaxis, share, columns));
    const [y0, y1] = [place.top, place.top + place.height].map((share) => at(yaxis, share, rows));
    Object.assign(this.outlined.style, {
      left: `${this.plot.offsetLeft + x0}px`,
      top: `${this.plot.offsetTop + y0}px`,
      width: `${x1 - x0}px`,
      height: `${y1 - y0}px`,
    });
  }

  async drawNow() {
    await super.drawNow();
    this.still?.remove();
    this.still = null;
  }
}
