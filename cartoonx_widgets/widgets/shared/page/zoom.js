// Enlarges a picture by Ctrl or ⌘ and the wheel, by a pinch, drag and keyboard.

import { h } from "./dom.js";
import { ZOOM_STEP } from "./viewport.js";

/**
 * @import { Viewport } from "./viewport.js"
 * @import { Translator } from "./types.d.ts"
 */

/** Pixels of the screen for one of the picture, from which on it is shown as the square that it is. */
export const SQUARE = 4;

const PAN_STEP = 1 / 8; // of what is seen

const DRAG = 4; // pixels, below which a press is a click

const HINT = 2_500; // milliseconds for which it is said how the wheel zooms

/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Shows of a picture what the viewport says, and changes that by Ctrl or ⌘ and the wheel, by a pinch, drag and keyboard;
 * a double click shows all of it again. The wheel alone scrolls the page, over a picture as anywhere else.
 */
export class Zoom {
  square = SQUARE;
  columns = 0;
  /** @type {Map<number, { x: number, y: number }>} the pointers that are down, by their numbers */
  pointers = new Map();
  /** Whether what is down has moved since it came. */
  moved = false;
  /** Whether the newest click ended a drag. */
  dragged = false;

  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   * @param {HTMLElement} element that shows the picture
   * @param {HTMLElement} picture within it
   */
  constructor(t, viewport, element, picture) {
    this.viewport = viewport;
    this.element = element;
    this.picture = picture;
    this.hint = h("p", { class: "cx-wheel-hint", hidden: true }, t("Ctrl or ⌘ and the wheel zoom"));
    element.classList.add("cx-zoom");
    element.append(this.hint);
    element.addEventListener("pointerdown", (event) => this.press(event));
    element.addEventListener("pointermove", (event) => this.drag(event));
    element.addEventListener("pointerup", (event) => this.release(event));
    element.addEventListener("pointercancel", (event) => this.release(event));
    element.addEventListener("dblclick", () => viewport.reset());
    // A listener that may keep the page from scrolling has to declare it.
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    viewport.follow(() => this.place());
  }

  /** @param {number} columns of the picture, in pixels */
  fit(columns) {
    this.columns = columns;
    this.place();
  }

  place() {
    const { scale, x, y } = this.viewport;
    this.picture.style.transform = `translate(${-100 * x * scale}%, ${-100 * y * scale}%) scale(${scale})`;
    const pixels = (scale * this.element.clientWidth) / (this.columns || 1);
    this.picture.style.imageRendering = pixels >= this.square ? "pixelated" : "";
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

  /**
   * Move by the arrow keys, enlarge by plus and minus, show all by 0 and Escape; whether the key was one of these.
   * @param {KeyboardEvent} event
   */
  key(event) {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (key in MOVES && this.viewport.scale > 1) { // else there is nowhere to go, and others may want these keys
      const [right, down] = MOVES[key];
      this.viewport.pan(right * PAN_STEP, down * PAN_STEP);
    } else if (key === "+" || key === "=") this.viewport.zoom(ZOOM_STEP);
    else if (key === "-") this.viewport.zoom(1 / ZOOM_STEP);
    else if (key === "0" || (key === "Escape" && this.viewport.scale > 1)) this.viewport.reset();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
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
