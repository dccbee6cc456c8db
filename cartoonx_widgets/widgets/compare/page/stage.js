// A picture of a comparison, which is enlarged with all others, and opens the explorer.

import { ImageStage } from "../../shared/page/stage.js";
import { SQUARE } from "../../shared/page/zoom.js";

/**
 * @import { Viewport } from "../../shared/page/viewport.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const SECOND_CLICK = 250; // milliseconds in which one makes it a double click

export class OpeningStage extends ImageStage {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  opening;

  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   * @param {string} label
   * @param {(() => void) | null} open is called for a click or Enter; null where there is nothing to open
   */
  constructor(t, viewport, label, open = null) {
    super(t, viewport, label);
    this.open = open;
    const { element } = this;
    element.classList.add("cx-stage");
    if (!open) return;
    const keys = t("arrow keys move, plus and minus zoom, 0 shows all, Enter opens the explorer");
    element.classList.add("cx-opens");
    element.setAttribute("aria-label", `${label}: ${keys}`);
    element.title = t(
      "Ctrl or ⌘ and the wheel zoom, drag to move, double-click to see all, click to open the explorer",
    );
    element.addEventListener("click", (event) => this.click(event));
    element.addEventListener("dblclick", () => clearTimeout(this.opening));
  }

  /**
   * @override
   * @param {string} source
   * @param {string} description
   * @param {{ rough?: boolean }} options whether its pixels are shown as the squares that they are
   */
  show(source, description, { rough = false } = {}) {
    this.zoom.square = rough ? 0 : SQUARE; // a mask's entries are squares
    const isOther = super.show(source, description);
    this.zoom.place();
    return isOther;
  }

  /** @param {MouseEvent} event */
  click({ detail }) {
    clearTimeout(this.opening);
    if (this.open && !this.zoom.dragged && detail <= 1) this.opening = setTimeout(this.open, SECOND_CLICK);
  }

  /**
   * @override
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (super.key(event)) return true;
    if (event.key !== "Enter" || !this.open || event.ctrlKey || event.metaKey || event.altKey) return false;
    this.open();
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
