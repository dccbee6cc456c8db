// Pictures without axes, on a canvas: they follow a slider faster than a plot does.

import { h } from "../../shared/page/dom.js";
import { outlined, svg } from "../../shared/page/svg.js";

/** A picture with a heading above and a line of figures below. */
export class View {
  constructor(t, title, help, ...beside) {
    this.t = t;
    this.heading = h("h3", { title: help }, title);
    this.canvas = h("canvas", { role: "img", "aria-label": title });
    this.stage = h("div", { class: "cx-stage" }, this.canvas);
    this.caption = h("p", { class: "cx-figures" });
    this.element = h(
      "section",
      { class: "cx-panel cx-view" },
      h("header", {}, this.heading, ...beside),
      this.stage,
      this.caption,
    );
  }

  /** Give the canvas its size in pixels of the picture. */
  fit(rows, columns) {
    if (this.canvas.height !== rows) this.canvas.height = rows;
    if (this.canvas.width !== columns) this.canvas.width = columns;
    this.stage.style.aspectRatio = `${columns} / ${rows}`;
    this.stage.classList.toggle("cx-coarse", columns < 200);
  }

  /** Draw a picture, or the part of it that begins at row `top` and has `rows` rows. */
  draw(bitmap, description, top = 0, rows = bitmap.height) {
    const { width } = bitmap;
    this.fit(rows, width);
    this.canvas.getContext("2d").drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows);
    this.canvas.setAttribute("aria-label", description);
  }
}

const ENLARGED = 0.4; // of the picture's side, for what is enlarged

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

const LEAP = 8; // with the shift key

/** A picture whose places can be picked: by a click, or with the arrow keys and Enter. */
export class PickView extends View {
  constructor(t, title, help, { pick, label }, ...beside) {
    super(t, title, help, ...beside);
    this.pick = pick; // pick(row, column) in pixels of the picture
    this.cross = svg("g", { class: "cx-cross" });
    this.marks = svg("g");
    this.over = svg("svg", { "aria-hidden": "true", preserveAspectRatio: "none" }, this.marks, this.cross);
    this.caption.setAttribute("aria-live", "polite");
    this.target = h(
      "div",
      {
        class: "cx-target",
        tabindex: "0",
        role: "application",
        "aria-label": label,
        onclick: (event) => this.take(...this.under(event)),
        onkeydown: (event) => this.key(event),
        onfocus: () => this.target.matches(":focus-visible") && this.move(0, 0),
      },
    );
    this.stage.append(this.over, this.target);
    this.stage.classList.add("cx-pick");
    this.cursor = null;
  }

  fit(rows, columns) {
    super.fit(rows, columns);
    this.over.setAttribute("viewBox", `0 0 ${columns} ${rows}`);
  }

  draw(...picture) {
    super.draw(...picture);
    this.marks.replaceChildren();
  }

  /**
   * Mark a part of the picture that is drawn, from row and column to row and column, and show a small one enlarged in
   * the corner that is farthest from it.
   */
  enlarge(bitmap, [top, left, bottom, right]) {
    const { width, height } = this.canvas;
    const side = Math.max(bottom - top, right - left) + 3;
    if (side > ENLARGED / 2 * Math.min(width, height)) return;
    const [y, x] = [(top + bottom + 1 - side) / 2, (left + right + 1 - side) / 2];
    const size = Math.round(ENLARGED * Math.min(width, height));
    const place = (middle, room) => (middle < room / 2 ? room - size : 0);
    const [to, from] = [{ x: place(x + side / 2, width), y: place(y + side / 2, height) }, { x, y }];
    const context = this.canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(bitmap, from.x, from.y, side, side, to.x, to.y, size, size);
    this.marks.replaceChildren(
      ...outlined({ ...from, width: side, height: side }),
      ...outlined({ ...to, width: size, height: size }),
    );
  }

  /** Row and column under the pointer. */
  under({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const place = (part, count) => Math.max(0, Math.min(count - 1, Math.floor(part * count)));
    return [
      place((clientY - box.top) / box.height, this.canvas.height),
      place((clientX - box.left) / box.width, this.canvas.width),
    ];
  }

  take(row, column) {
    this.cursor = [row, column];
    this.showCross();
    this.pick(row, column);
  }

  key(event) {
    if (event.key in MOVES) {
      const by = event.shiftKey ? LEAP : 1;
      this.move(...MOVES[event.key].map((step) => step * by));
    } else if (event.key === "Enter" || event.key === " ") this.take(...(this.cursor ?? this.middle()));
    else return;
    event.preventDefault();
  }

  middle() {
    return [this.canvas.height >> 1, this.canvas.width >> 1];
  }

  move(down, right) {
    const [row, column] = this.cursor ?? this.middle();
    const within = (place, count) => Math.max(0, Math.min(count - 1, place));
    this.cursor = [within(row + down, this.canvas.height), within(column + right, this.canvas.width)];
    this.showCross();
    this.caption.textContent = this.tell(...this.cursor);
  }

  /** Where the cursor stands, in words. */
  tell(row, column) {
    return this.t("row {row}, column {column}", { row, column });
  }

  /** A cross through the cursor; none without one. */
  showCross() {
    if (!this.cursor) return this.cross.replaceChildren();
    const [row, column] = this.cursor.map((place) => place + 0.5);
    const { width, height } = this.canvas;
    const lines = [
      { x1: 0, x2: width, y1: row, y2: row },
      { x1: column, x2: column, y1: 0, y2: height },
    ];
    return this.cross.replaceChildren(
      ...["cx-halo", "cx-line"].flatMap((name) => lines.map((ends) => svg("line", { class: name, ...ends }))),
    );
  }

  leave() {
    this.cursor = null;
    this.showCross();
  }
}
