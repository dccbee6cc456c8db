// A picture of a comparison, enlarged by wheel, drag and keyboard.

import { ZOOM_STEP } from "./viewport.js";
import { h } from "../../shared/page/dom.js";

/**
 * @import { Viewport } from "./viewport.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const PAN_STEP = 1 / 8; // of what is seen

const DRAG = 4; // pixels, below which a press is a click

const SECOND_CLICK = 250; // milliseconds in which one makes it a double click

/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A picture of what the viewport holds: by wheel, drag and keyboard; a double click shows all of it again. */
export class Stage {
  rough = false;
  columns = 0;
  /** @type {{ x: number, y: number, moved: boolean } | null} */
  grip = null;
  dragged = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  opening;

  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   * @param {string} label
   * @param {(() => void) | null} open is called for a click or Enter; null where there is nothing to open
   */
  constructor(t, viewport, label, open = null) {
    this.viewport = viewport;
    this.open = open;
    this.picture = h("img", { alt: "", draggable: "false", hidden: true });
    const keys = open
      ? t("arrow keys move, plus and minus zoom, 0 shows all, Enter opens the explorer")
      : t("arrow keys move, plus and minus zoom, 0 shows all");
    this.element = h(
      "div",
      {
        class: `cx-stage cx-zoom${open ? " cx-opens" : ""}`,
        tabindex: "0",
        role: "application",
        "aria-label": `${label}: ${keys}`,
        title: open
          ? t("Wheel to zoom, drag to move, double-click to see all, click to open the explorer")
          : t("Wheel to zoom, drag to move, double-click to see all"),
        onpointerdown: (/** @type {PointerEvent} */ event) => this.press(event),
        onpointermove: (/** @type {PointerEvent} */ event) => this.drag(event),
        onpointerup: () => this.release(),
        onpointercancel: () => this.release(),
        onclick: (/** @type {MouseEvent} */ event) => this.click(event),
        ondblclick: () => this.back(),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
      },
      this.picture,
    );
    // A listener that may keep the page from scrolling has to declare it.
    this.element.addEventListener("wheel", (/** @type {WheelEvent} */ event) => this.wheel(event), { passive: false });
    viewport.follow(() => this.place());
  }

  /** @param {[number, number]} size of the picture, in pixels, which all pictures of the comparison share */
  fit([rows, columns]) {
    this.element.style.aspectRatio = `${columns} / ${rows}`;
    this.columns = columns;
    this.place();
  }

  /**
   * @param {string} source
   * @param {string} description
   * @param {{ rough?: boolean }} options whether its pixels are shown as the squares that they are
   */
  show(source, description, { rough = false } = {}) {
    this.picture.alt = description;
    this.rough = rough;
    if (this.picture.src !== source) this.picture.src = source;
    this.picture.hidden = false;
    this.place();
  }

  place() {
    const { scale, x, y } = this.viewport;
    this.picture.style.transform = `translate(${-100 * x * scale}%, ${-100 * y * scale}%) scale(${scale})`;
    // A mask's entries are squares; so are the pixels of a picture that is enlarged far.
    const pixels = this.rough || (scale * this.element.clientWidth) / (this.columns || 1) > 4;
    this.picture.style.imageRendering = pixels ? "pixelated" : "auto";
    this.element.classList.toggle("cx-enlarged", scale > 1);
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    const box = this.element.getBoundingClientRect();
    /** @type {[number, number]} */
    const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    // Where all is seen already, the wheel scrolls the page on.
    if (this.viewport.zoom(Math.exp(-event.deltaY * lines * 0.0018), at)) event.preventDefault();
  }

  /** @param {PointerEvent} event */
  press({ button, clientX, clientY }) {
    if (button === 0) this.grip = { x: clientX, y: clientY, moved: false };
  }

  /** @param {PointerEvent} event */
  drag({ clientX, clientY, pointerId }) {
    if (!this.grip) return;
    const [right, down] = [clientX - this.grip.x, clientY - this.grip.y];
    if (!this.grip.moved && Math.hypot(right, down) < DRAG) return;
    if (!this.grip.moved) this.element.setPointerCapture(pointerId);
    this.grip = { x: clientX, y: clientY, moved: true };
    const { clientWidth, clientHeight } = this.element;
    this.viewport.pan(-right / clientWidth, -down / clientHeight);
  }

  release() {
    this.dragged = Boolean(this.grip?.moved);
    this.grip = null;
  }

  /** @param {MouseEvent} event */
  click({ detail }) {
    clearTimeout(this.opening);
    if (this.open && !this.dragged && detail <= 1) this.opening = setTimeout(this.open, SECOND_CLICK);
  }

  back() {
    clearTimeout(this.opening);
    this.viewport.reset();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key in MOVES) {
      const [right, down] = MOVES[key];
      this.viewport.pan(right * PAN_STEP, down * PAN_STEP);
    } else if (key === "+" || key === "=") this.viewport.zoom(ZOOM_STEP);
    else if (key === "-") this.viewport.zoom(1 / ZOOM_STEP);
    else if (key === "0" || key === "Escape") this.viewport.reset();
    else if (key === "Enter" && this.open) this.open();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
