// A picture that is enlarged by pointer and keyboard, and says how.

import { h } from "./dom.js";
import { Zoom } from "./zoom.js";

/**
 * @import { Translator } from "./types.d.ts"
 * @import { Viewport } from "./viewport.js"
 */

export class Stage {
  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   * @param {string} label what is shown
   * @param {HTMLImageElement | HTMLCanvasElement} picture
   */
  constructor(t, viewport, label, picture) {
    this.t = t;
    this.viewport = viewport;
    picture.classList.add("cx-picture");
    this.element = h(
      "div",
      {
        tabindex: "0",
        role: "application",
        title: t("Ctrl or ⌘ and the wheel zoom, drag to move, double-click to see all"),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
      },
      picture,
    );
    this.zoom = new Zoom(t, viewport, this.element, picture);
    this.name(label);
  }

  /** @param {string} label what is shown */
  name(label) {
    const keys = this.t("arrow keys move, plus and minus zoom, 0 shows all");
    this.element.setAttribute("aria-label", `${label}: ${keys}`);
  }

  /** @param {[number, number]} size of the picture, in pixels */
  fit([rows, columns]) {
    this.element.style.aspectRatio = `${columns} / ${rows}`;
    this.zoom.columns = columns; // it is placed when it is shown
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    return this.zoom.key(event);
  }
}

/** A stage for an image. */
export class ImageStage extends Stage {
  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   * @param {string} label what is shown
   */
  constructor(t, viewport, label) {
    const image = h("img", { alt: "", draggable: "false", hidden: true });
    super(t, viewport, label, image);
    this.image = image;
  }

  /**
   * @param {string} source a data URL
   * @param {string} description
   * @returns {boolean} whether it is another picture than before
   */
  show(source, description) {
    this.image.alt = description;
    const isOther = this.image.src !== source;
    if (isOther) this.image.src = source;
    this.image.hidden = false;
    return isOther;
  }
}
