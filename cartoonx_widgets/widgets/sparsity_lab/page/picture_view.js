// A picture without axes, on a canvas: it follows a slider faster than a plot does.

import { h } from "../../shared/page/dom.js";
import { Zoom } from "../../shared/page/zoom.js";

/**
 * @import { Viewport } from "../../shared/page/viewport.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/** A picture with a heading above and a line of figures below. */
export class PictureView {
  /** @type {Zoom | null} */
  zoom = null;

  /**
   * @param {Translator} t
   * @param {string} title
   * @param {string} help
   */
  constructor(t, title, help) {
    this.t = t;
    this.heading = h("h3", { title: help }, title);
    this.canvas = h("canvas", { role: "img", "aria-label": title });
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.stage = h("div", { class: "cx-stage" }, this.canvas);
    this.caption = h("p", { class: "cx-figures" });
    this.header = h("header", {}, this.heading);
    this.element = h("section", { class: "cx-panel cx-view" }, this.header, this.stage, this.caption);
  }

  /**
   * Give the canvas its size in pixels of the picture.
   * @param {number} rows
   * @param {number} columns
   */
  fit(rows, columns) {
    if (this.canvas.height !== rows) this.canvas.height = rows;
    if (this.canvas.width !== columns) this.canvas.width = columns;
    this.stage.style.aspectRatio = `${columns} / ${rows}`;
    this.zoom?.fit(columns);
    this.stage.classList.toggle("cx-coarse", columns < 200);
  }

  /**
   * Draw a picture, or the part of it that begins at row `top` and has `rows` rows.
   * @param {ImageBitmap} bitmap
   * @param {string} description
   */
  draw(bitmap, description, top = 0, rows = bitmap.height) {
    const { width } = bitmap;
    this.fit(rows, width);
    this.context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows);
    this.canvas.setAttribute("aria-label", description);
  }
}

/** A picture that is enlarged with all others of the lab. */
export class ZoomView extends PictureView {
  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   * @param {string} title
   * @param {string} help
   */
  constructor(t, viewport, title, help) {
    super(t, title, help);
    this.zoom = new Zoom(t, viewport, this.stage, this.canvas);
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.title = t("Ctrl or ⌘ and the wheel zoom, drag to move, double-click to see all");
    this.stage.addEventListener("keydown", (event) => this.zoom?.key(event));
  }

  /**
   * @override
   * @param {Parameters<PictureView["draw"]>} picture
   */
  draw(...picture) {
    super.draw(...picture);
    const keys = this.t("arrow keys move, plus and minus zoom, 0 shows all");
    this.stage.setAttribute("aria-label", `${picture[1]}: ${keys}`);
  }
}
