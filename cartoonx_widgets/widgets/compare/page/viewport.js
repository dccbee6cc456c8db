// One viewport for all pictures of a comparison: what is enlarged in one of them is enlarged in all.

import { h } from "../../shared/page/dom.js";

const MOST_ZOOM = 32;

export const ZOOM_STEP = 1.25;

const PAN_STEP = 1 / 8; // of what is seen

const DRAG = 4; // pixels, below which a press is a click

const SECOND_CLICK = 250; // milliseconds in which one makes it a double click

/** What is seen: a square part of a picture, 1 / scale wide, from x and y on, all in parts of the picture's sides. */
export class Viewport {
  constructor() {
    Object.assign(this, { scale: 1, x: 0, y: 0, followers: [] });
  }

  follow(redraw) {
    this.followers.push(redraw);
  }

  /** See another part; whether anything changed. */
  set(scale, x, y) {
    const before = [this.scale, this.x, this.y].join();
    this.scale = Math.max(1, Math.min(MOST_ZOOM, scale));
    const within = (place) => Math.max(0, Math.min(1 - 1 / this.scale, place));
    [this.x, this.y] = [within(x), within(y)];
    const changed = before !== [this.scale, this.x, this.y].join();
    if (changed) this.followers.forEach((redraw) => redraw(this));
    return changed;
  }

  /** Enlarge around a place in what is seen, given in parts of its sides. */
  zoom(factor, [across, down] = [0.5, 0.5]) {
    const scale = Math.max(1, Math.min(MOST_ZOOM, this.scale * factor));
    const by = 1 / this.scale - 1 / scale;
    return this.set(scale, this.x + across * by, this.y + down * by);
  }

  /** Move by parts of what is seen. */
  pan(right, down) {
    return this.set(this.scale, this.x + right / this.scale, this.y + down / this.scale);
  }

  reset() {
    return this.set(1, 0, 0);
  }
}

/** A picture that shows what the viewport says: by wheel, drag and keyboard; a double click shows all of it again. */
export class Stage {
  /** `open()` is called for a click or Enter; null where there is nothing to open. */
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
        onpointerdown: (event) => this.press(event),
        onpointermove: (event) => this.drag(event),
        onpointerup: () => this.release(),
        onpointercancel: () => this.release(),
        onclick: (event) => this.click(event),
        ondblclick: () => this.back(),
        onkeydown: (event) => this.key(event),
      },
      this.picture,
    );
    // A listener that may keep the page from scrolling has to say so.
    this.element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    viewport.follow(() => this.place());
  }

  /** The picture's sides, in pixels, which all pictures of the comparison share. */
  fit([rows, columns]) {
    this.element.style.aspectRatio = `${columns} / ${rows}`;
    this.columns = columns;
    this.place();
  }

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

  wheel(event) {
    const box = this.element.getBoundingClientRect();
    const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    // Where all is seen already, the wheel scrolls the page on.
    if (this.viewport.zoom(Math.exp(-event.deltaY * lines * 0.0018), at)) event.preventDefault();
  }

  press({ button, clientX, clientY }) {
    if (button === 0) this.grip = { x: clientX, y: clientY, moved: false };
  }

  drag({ clientX, clientY, pointerId }) {
    if (!this.grip) return;
    const [right, down] = [clientX - this.grip.x, clientY - this.grip.y];
    if (!this.grip.moved && Math.hypot(right, down) < DRAG) return;
    if (!this.grip.moved) this.element.setPointerCapture(pointerId);
    Object.assign(this.grip, { x: clientX, y: clientY, moved: true });
    const { clientWidth, clientHeight } = this.element;
    this.viewport.pan(-right / clientWidth, -down / clientHeight);
  }

  release() {
    this.dragged = Boolean(this.grip?.moved);
    this.grip = null;
  }

  click({ detail }) {
    clearTimeout(this.opening);
    if (this.open && !this.dragged && detail <= 1) this.opening = setTimeout(this.open, SECOND_CLICK);
  }

  back() {
    clearTimeout(this.opening);
    this.viewport.reset();
  }

  key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key in moves) this.viewport.pan(...moves[key].map((way) => way * PAN_STEP));
    else if (key === "+" || key === "=") this.viewport.zoom(ZOOM_STEP);
    else if (key === "-") this.viewport.zoom(1 / ZOOM_STEP);
    else if (key === "0" || key === "Escape") this.viewport.reset();
    else if (key === "Enter" && this.open) this.open();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
