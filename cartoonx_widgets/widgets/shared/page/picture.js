// A panel that shows a picture.

import { h } from "./dom.js";
import { Panel } from "./panel.js";
import { plotlyNow } from "./plotly.js";

const COARSE = 3; // pixels of the screen for one of the picture, from which on it is shown as the square that it is

/** A picture, in square pixels. */
export class PicturePanel extends Panel {
  still = null; // what stands in for the plot until it can be drawn

  constructor(...rest) {
    super(...rest);
    this.traces = [{ type: "image", source: null, hoverinfo: "skip", zsmooth: "fast" }];
    this.size = null;
  }

  compose() {
    if (this.size) {
      const [rows, columns] = this.size;
      const enlarged = Math.min(this.plot.clientHeight / rows, this.plot.clientWidth / columns);
      this.traces[0] = { ...this.traces[0], zsmooth: enlarged < COARSE ? "fast" : false };
    }
    const hidden = { visible: false, constrain: "domain", fixedrange: false };
    return { xaxis: { ...hidden }, yaxis: { ...hidden, scaleanchor: "x", autorange: "reversed" }, dragmode: "pan" };
  }

  /** Show a picture, as an image until there is plotly.js to draw it with. */
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
