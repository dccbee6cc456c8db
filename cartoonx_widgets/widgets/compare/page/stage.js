// A picture of a comparison, enlarged by Ctrl or ⌘ and the wheel, by a pinch, drag and keyboard.

import { ZOOM_STEP } from "./viewport.js";
import { h } from "../../shared/page/dom.js";

/**
 * @import { Viewport } from "./viewport.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const PAN_STEP = 1 / 8; // of what is seen

const DRAG = 4; // pixels, below which a press is a click

const SECOND_CLICK = 250; // milliseconds in which one makes it a double click

const HINT = 2_500; // milliseconds for which it is said how the wheel zooms

/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * A picture that shows what the viewport says: by Ctrl or ⌘ and the wheel, by a pinch, drag and keyboard; a double click
 * shows all of it again. The wheel alone scrolls the page, over a picture as anywhere else.
 */
export class Stage {
  rough = false;
  columns = 0;
  /** @type {Map<number, { x: number, y: number }>} the pointers that are down, by their numbers */
  pointers = new Map();
  /** Whether what is down has moved since it came. */
  moved = false;
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
    this.hint = h("p", { class: "cx-wheel-hint", hidden: true }, t("Ctrl or ⌘ and the wheel zoom"));
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
          ? t("Ctrl or ⌘ and the wheel zoom, drag to move, double-click to see all, click to open the explorer")
          : t("Ctrl or ⌘ and the wheel zoom, drag to move, double-click to see all"),
        onpointerdown: (/** @type {PointerEvent} */ event) => this.press(event),
        onpointermove: (/** @type {PointerEvent} */ event) => this.drag(event),
        onpointerup: (/** @type {PointerEvent} */ event) => this.release(event),
        onpointercancel: (/** @type {PointerEvent} */ event) => this.release(event),
        onclick: (/** @type {MouseEvent} */ event) => this.click(event),
        ondblclick: () => this.back(),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
      },
      this.picture,
      this.hint,
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
    if (!event.ctrlKey && !event.metaKey) { // a pinch on a touchpad comes as the wheel with Ctrl
      if (this.viewport.says()) this.sayHint();
      return;
    }
    event.preventDefault(); // which would zoom the page
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    this.viewport.zoom(Math.exp(-event.deltaY * lines * 0.0018), this.at({ x: event.clientX, y: event.clientY }));
  }

  sayHint() {
    this.hint.hidden = false;
    setTimeout(() => (this.hint.hidden = true), HINT);
  }

  /**
   * A place of the window in parts of the picture's sides.
   * @param {{ x: number, y: number }} place
   * @returns {[number, number]}
   */
  at({ x, y }) {
    const box = this.element.getBoundingClientRect();
    return [(x - box.left) / box.width, (y - box.top) / box.height];
  }

  /** @param {PointerEvent} event */
  press({ button, pointerId, clientX, clientY }) {
    if (button !== 0) return;
    if (!this.pointers.size) this.moved = false;
    this.pointers.set(pointerId, { x: clientX, y: clientY });
  }

  /** @param {PointerEvent} event */
  drag({ clientX, clientY, pointerId }) {
    const last = this.pointers.get(pointerId);
    if (!last) return;
    const far = Math.hypot(clientX - last.x, clientY - last.y);
    if (!this.moved && far < DRAG) return;
    if (!this.moved) this.element.setPointerCapture(pointerId);
    this.moved = true;
    const before = spread([...this.pointers.values()]);
    this.pointers.set(pointerId, { x: clientX, y: clientY });
    const after = spread([...this.pointers.values()]);
    if (before.width && after.width) this.viewport.zoom(after.width / before.width, this.at(before.middle));
    const [right, down] = this.at(after.middle);
    const [left, up] = this.at(before.middle);
    this.viewport.pan(left - right, up - down);
  }

  /** @param {PointerEvent} event */
  release({ pointerId }) {
    this.pointers.delete(pointerId);
    this.dragged = this.moved;
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

/**
 * The middle of what is down, and how far two of them are apart; 0 for one.
 * @param {{ x: number, y: number }[]} places
 */
function spread([one, other = one]) {
  return {
    middle: { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 },
    width: Math.hypot(one.x - other.x, one.y - other.y),
  };
}
