// A picture of which a place can be picked: by a click, or with the arrow keys and Enter.

import { PictureView } from "./picture_view.js";
import { h } from "../../shared/page/dom.js";
import { outlined, svg } from "../../shared/page/svg.js";
import { Zoom } from "../../shared/page/zoom.js";

/**
 * @import { Viewport } from "../../shared/page/viewport.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * Row and column.
 * @typedef {[number, number]} Place
 *
 * A square, by its upper left corner and its side.
 * @typedef {{ x: number, y: number, side: number }} Square
 */

const ENLARGED = 0.4; // of the picture's side, for what is enlarged

/** @type {Record<string, Place>} */
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

const LEAP = 8; // with the shift key

const ZOOM_KEYS = ["+", "=", "-", "0"];

export class PickView extends PictureView {
  /** @type {Place | null} */
  cursor = null;

  /**
   * @param {Translator} t
   * @param {string} title
   * @param {string} help
   * @param {object} options
   * @param {(row: number, column: number) => void} options.pick gets what is picked, in pixels of the picture
   * @param {string} options.label
   * @param {Viewport} [options.viewport] by which the picture is enlarged; it is not without one
   */
  constructor(t, title, help, { pick, label, viewport }) {
    super(t, title, help);
    this.pick = pick;
    this.cross = svg("g");
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
        onclick: (/** @type {MouseEvent} */ event) => this.zoom?.dragged || this.take(...this.under(event)),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
        onfocus: () => this.target.matches(":focus-visible") && this.move(0, 0),
      },
    );
    this.stage.append(this.over, this.target);
    this.stage.classList.add("cx-pick");
    if (viewport) {
      this.zoom = new Zoom(t, viewport, this.stage, this.canvas);
      viewport.follow(() => this.placeOver());
    }
  }

  /**
   * @override
   * @param {number} rows
   * @param {number} columns
   */
  fit(rows, columns) {
    super.fit(rows, columns);
    this.placeOver();
  }

  /** What lies over the picture shows the same part of it. */
  placeOver() {
    const { width, height } = this.canvas;
    const { scale, x, y } = this.zoom?.viewport ?? { scale: 1, x: 0, y: 0 };
    this.over.setAttribute("viewBox", `${x * width} ${y * height} ${width / scale} ${height / scale}`);
  }

  /**
   * @override
   * @param {Parameters<PictureView["draw"]>} picture
   */
  draw(...picture) {
    super.draw(...picture);
    this.marks.replaceChildren();
  }

  /**
   * Mark a part of the picture that is drawn, from row and column to row and column, and show a small one enlarged in
   * the corner that is farthest from it.
   * @param {ImageBitmap} bitmap
   * @param {[number, number, number, number]} part
   */
  enlarge(bitmap, part) {
    const squares = enlarged(this.canvas, part);
    if (!squares) return;
    const { from, to } = squares;
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(bitmap, from.x, from.y, from.side, from.side, to.x, to.y, to.side, to.side);
    this.marks.replaceChildren(
      ...[from, to].flatMap(({ x, y, side }) => outlined({ x, y, width: side, height: side })),
    );
  }

  /**
   * The place under the pointer.
   * @param {MouseEvent} event
   */
  under({ clientX, clientY }) {
    const { top, left, width, height } = this.canvas.getBoundingClientRect();
    const [down, across] = [(clientY - top) / height, (clientX - left) / width];
    return within([Math.floor(down * this.canvas.height), Math.floor(across * this.canvas.width)], this.canvas);
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  take(row, column) {
    this.cursor = [row, column];
    this.showCross();
    this.pick(row, column);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key in MOVES) {
      const [down, right] = MOVES[event.key];
      const by = event.shiftKey ? LEAP : 1;
      this.move(by * down, by * right);
    } else if (event.key === "Enter" || event.key === " ") this.take(...(this.cursor ?? this.middle()));
    else if (this.zoom && ZOOM_KEYS.includes(event.key)) {
      this.zoom.key(event);
      return;
    } else return;
    event.preventDefault();
  }

  /** @returns {Place} */
  middle() {
    return [this.canvas.height >> 1, this.canvas.width >> 1];
  }

  /**
   * @param {number} down
   * @param {number} right
   */
  move(down, right) {
    const [row, column] = this.cursor ?? this.middle();
    this.cursor = within([row + down, column + right], this.canvas);
    this.showCross();
    const { width, height } = this.canvas;
    this.zoom?.viewport.reveal((this.cursor[1] + 0.5) / width, (this.cursor[0] + 0.5) / height);
    this.caption.textContent = this.wordsAt(...this.cursor);
  }

  /**
   * Where the cursor stands, in words.
   * @param {number} row
   * @param {number} column
   */
  wordsAt(row, column) {
    return this.t("row {row}, column {column}", { row, column });
  }

  /** A cross through the cursor; none without one. */
  showCross() {
    if (!this.cursor) {
      this.cross.replaceChildren();
      return;
    }
    const [row, column] = this.cursor.map((place) => place + 0.5);
    const { width, height } = this.canvas;
    const lines = [
      { x1: 0, x2: width, y1: row, y2: row },
      { x1: column, x2: column, y1: 0, y2: height },
    ];
    this.cross.replaceChildren(
      ...["cx-halo", "cx-line"].flatMap((name) => lines.map((ends) => svg("line", { class: name, ...ends }))),
    );
  }

  leave() {
    this.cursor = null;
    this.showCross();
  }
}

/**
 * The place itself, or the nearest one in the picture.
 * @param {Place} place
 * @param {{ width: number, height: number }} picture
 * @returns {Place}
 */
export const within = ([row, column], { width, height }) => [
  Math.max(0, Math.min(height - 1, row)),
  Math.max(0, Math.min(width - 1, column)),
];

/**
 * Where a part of a picture lies, as a square with a little room around, and where it is to be seen enlarged: in the
 * corner that is farthest from it. Null where it is large enough as it is.
 * @param {{ width: number, height: number }} picture
 * @param {[number, number, number, number]} part first row and column, last row and column
 * @returns {{ from: Square, to: Square } | null}
 */
export function enlarged({ width, height }, [top, left, bottom, right]) {
  const side = Math.max(bottom - top, right - left) + 3;
  if (side > (ENLARGED / 2) * Math.min(width, height)) return null;
  const size = Math.round(ENLARGED * Math.min(width, height));
  /**
   * @param {number} middle
   * @param {number} room
   */
  const farthest = (middle, room) => (middle < room / 2 ? room - size : 0);
  const [y, x] = [(top + bottom + 1) / 2, (left + right + 1) / 2];
  return {
    from: { x: x - side / 2, y: y - side / 2, side },
    to: { x: farthest(x, width), y: farthest(y, height), side: size },
  };
}
