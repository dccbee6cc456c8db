// A picture of a comparison, which is enlarged with all others, and opens the explorer.

import { h } from "../../shared/page/dom.js";
import { SQUARE, Zoom } from "../../shared/page/zoom.js";

/**
 * @import { Viewport } from "../../shared/page/viewport.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const SECOND_CLICK = 250; // milliseconds in which one makes it a double click

export class Stage {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  opening;

  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   * @param {string} label
   * @param {(() => void) | null} open is called for a click or Enter; null where there is nothing to open
   */
  constructor(t, viewport, label, open = null) {
    this.open = open;
    this.picture = h("img", { alt: "", draggable: "false", hidden: true });
    const keys = open
      ? t("arrow keys move, plus and minus zoom, 0 shows all, Enter opens the explorer")
      : t("arrow keys move, plus and minus zoom, 0 shows all");
    this.element = h(
      "div",
      {
        class: `cx-stage${open ? " cx-opens" : ""}`,
        tabindex: "0",
        role: "application",
        "aria-label": `${label}: ${keys}`,
        title: open
          ? t("Ctrl or ⌘ and the wheel zoom, drag to move, double-click to see all, click to open the explorer")
          : t("Ctrl or ⌘ and the wheel zoom, drag to move, double-click to see all"),
        onclick: (/** @type {MouseEvent} */ event) => this.click(event),
        ondblclick: () => clearTimeout(this.opening),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
      },
      this.picture,
    );
    this.zoom = new Zoom(t, viewport, this.element, this.picture);
  }

  /** @param {[number, number]} size of the picture, in pixels, which all pictures of the comparison share */
  fit([rows, columns]) {
    this.element.style.aspectRatio = `${columns} / ${rows}`;
    this.zoom.fit(columns);
  }

  /**
   * @param {string} source
   * @param {string} description
   * @param {{ rough?: boolean }} options whether its pixels are shown as the squares that they are
   */
  show(source, description, { rough = false } = {}) {
    this.picture.alt = description;
    this.zoom.square = rough ? 0 : SQUARE; // a mask's entries are squares
    if (this.picture.src !== source) this.picture.src = source;
    this.picture.hidden = false;
    this.zoom.place();
  }

  /** @param {MouseEvent} event */
  click({ detail }) {
    clearTimeout(this.opening);
    if (this.open && !this.zoom.dragged && detail <= 1) this.opening = setTimeout(this.open, SECOND_CLICK);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.zoom.key(event) || event.key !== "Enter" || !this.open) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    this.open();
    event.preventDefault();
    event.stopPropagation();
  }
}
