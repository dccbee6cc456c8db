// A panel that shows a picture.

import { h } from "./dom.js";
import { ImageStage } from "./stage.js";

/**
 * @import { Translator } from "./types.d.ts"
 * @import { Viewport } from "./viewport.js"
 */

/**
 * A rectangle of a picture, as shares of its width and height.
 * @typedef {{ left: number, top: number, width: number, height: number }} Place
 */

/** A heading, what may stand beside it, and a picture. */
export class PicturePanel {
  /** @type {Place | null} */
  outlined = null;
  /** @type {() => void} is called when another picture is shown */
  shown = () => {};

  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   * @param {string} title
   * @param {string} help
   */
  constructor(t, viewport, title, help) {
    this.stage = new ImageStage(t, viewport, title);
    this.frame = h("div", { class: "cx-outline", "aria-hidden": "true" });
    this.heading = h("h3", { title: help }, title);
    this.header = h("header", {}, this.heading);
    this.element = h("section", { class: "cx-panel" }, this.header, h("div", { class: "cx-plot" }, this.stage.element));
    viewport.follow(() => this.outline(this.outlined));
  }

  /** A data URL of the picture; empty before the first. */
  get source() {
    return this.stage.image.src;
  }

  /** @param {string} title @param {string} help */
  name(title, help) {
    this.heading.textContent = title;
    this.heading.title = help;
    this.stage.name(title);
  }

  /** @param {[rows: number, columns: number]} size of the picture */
  fit(size) {
    const [rows, columns] = size;
    this.stage.fit(size);
    this.stage.element.style.width = `${100 * Math.min(1, columns / rows)}%`;
  }

  /**
   * @param {string} source a data URL
   * @param {string} description
   */
  show(source, description) {
    if (!this.stage.show(source, description)) return;
    this.draw();
    this.shown();
  }

  /**
   * Draw a frame around a part of the picture, or none.
   * @param {Place | null} place
   */
  outline(place) {
    this.outlined = place;
    if (!place) return this.frame.remove();
    this.stage.element.append(this.frame);
    const { scale } = this.stage.viewport;
    const [left, top] = this.stage.viewport.toStage([place.left, place.top]);
    const [width, height] = [scale * place.width, scale * place.height];
    const box = { left, top, width, height };
    for (const [name, share] of Object.entries(box)) this.frame.style.setProperty(name, `${100 * share}%`);
  }

  draw() {
    this.stage.zoom.place();
  }
}
