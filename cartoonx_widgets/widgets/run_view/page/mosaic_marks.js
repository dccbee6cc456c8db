// What stands on the mosaic and around it: names and directions of bands, the band that is picked, scales, colours.

import { bandName } from "./bands.js";
import { hasRoom, strokes } from "./mosaic_geometry.js";
import { h } from "../../shared/page/dom.js";
import { svg } from "../../shared/page/svg.js";

/**
 * @import { Band, Mosaic } from "./messages.d.ts"
 * @import { Stage } from "../../shared/page/stage.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const ROOM = { right: 34, bottom: 8 }; // pixels around the picture, of which the colours take the right

const TICKS = 18; // pixels that the names of scales take

export class MosaicMarks {
  /** @type {Band[]} */
  bands = [];
  /** @type {Mosaic} */
  mosaic = { shape: [1, 1], factor: 1, row_ticks: [], column_ticks: [] };
  directional = false;
  /** @type {number | null} the band that is picked */
  picked = null;
  /** What they were placed for. */
  placed = "";

  /**
   * @param {Translator} t
   * @param {Stage} stage the mosaic's
   */
  constructor(t, stage) {
    this.t = t;
    this.stage = stage;
    this.lines = svg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
    this.names = h("div", { "aria-hidden": "true" });
    stage.element.append(this.lines, this.names);
    this.ticks = h("div", { "aria-hidden": "true" });
    const figures = ["0", "0.5", "1"].map((text) => h("span", { style: `bottom: ${100 * Number(text)}%` }, text));
    this.colours = h("div", { class: "cx-mosaic-colours", "aria-hidden": "true" }, ...figures);
    this.frame = h("div", { class: "cx-mosaic" }, stage.element, this.ticks, this.colours);
    this.element = h("div", { class: "cx-plot" }, this.frame);
    stage.viewport.follow(() => this.place());
  }

  /** @param {{ bands: Band[], mosaic: Mosaic, directional: boolean, colours: string[] }} scene */
  set({ bands, mosaic, directional, colours }) {
    this.bands = bands;
    this.mosaic = mosaic;
    this.directional = directional;
    this.picked = null;
    const { shape, row_ticks: atRows, column_ticks: atColumns } = mosaic;
    const [rows, columns] = shape;
    this.stage.fit(shape);
    const [left, top] = [atRows.length ? TICKS : 4, atColumns.length ? TICKS : 8];
    this.element.style.padding = `${top}px ${ROOM.right}px ${ROOM.bottom}px ${left}px`;
    const taller = left + ROOM.right - top - ROOM.bottom; // by so much is the room for the picture taller than wide
    this.frame.style.width = `min(100%, ${columns / rows} * (100% + ${taller}px))`;
    this.colours.style.setProperty("--cx-colours", colours.join());
    this.placed = "";
  }

  /**
   * Mark the band that is picked, and see that all stands in its place.
   * @param {number | null} picked
   */
  draw(picked) {
    this.picked = picked;
    if (this.placed !== this.key()) this.place();
  }

  /** What the places depend on, beside the viewport. */
  key() {
    return `${this.picked} ${this.stage.element.clientWidth}`;
  }

  place() {
    this.placed = this.key();
    const { viewport, element } = this.stage;
    const [rows, columns] = this.mosaic.shape;
    const seen = { width: columns / viewport.scale, height: rows / viewport.scale };
    const cell = element.clientWidth / seen.width; // in pixels
    this.lines.setAttribute("viewBox", [viewport.x * columns, viewport.y * rows, seen.width, seen.height].join(" "));
    this.lines.replaceChildren(...this.strokes(), ...this.around());
    const named = this.bands.filter((band) => this.isNamed(band, seen.width, cell));
    this.names.replaceChildren(...named.map((band) => {
      const [left, top] = viewport.toStage([band.column / columns, band.row / rows]);
      return h("span", { style: `left: ${100 * left}%; top: ${100 * top}%` }, bandName(this.t, band));
    }));
    const { row_ticks: atRows, column_ticks: atColumns } = this.mosaic;
    this.ticks.replaceChildren(
      ...atRows.map(([row, text]) => tick("top", viewport.toStage([0, row / rows])[1], text)),
      ...atColumns.map(([column, text]) => tick("left", viewport.toStage([column / columns, 0])[0], text)),
    );
  }

  /**
   * Whether a tile has its name on it; the others are told by hovering, and directions by strokes.
   * @param {Band} band
   * @param {number} width of what is seen, in cells
   * @param {number} cell its side, in pixels
   */
  isNamed(band, width, cell) {
    if (this.bands.length === 1 || (this.directional && band.angle !== null)) return false;
    return hasRoom({ ...band, name: bandName(this.t, band) }, width, cell);
  }

  /** Strokes for directions, dark around, to show on bright. */
  strokes() {
    if (!this.directional) return [];
    return strokes(this.bands, this.mosaic).flatMap(({ ends, isSmall }) =>
      ["cx-halo", "cx-line"].map((name) => svg("line", { class: isSmall ? `${name} cx-fine` : name, ...ends }))
    );
  }

  /** A frame around the band that is picked. */
  around() {
    if (this.picked === null) return [];
    const { row, column, rows, columns } = this.bands[this.picked];
    const box = { x: column - 0.5, y: row - 0.5, width: columns + 1, height: rows + 1 };
    return [svg("rect", { class: "cx-picked", ...box })];
  }
}

/**
 * The name of a scale beside the picture, where that place is seen.
 * @param {"left" | "top"} side from which its place is counted
 * @param {number} share of that side
 * @param {string} text
 */
const tick = (side, share, text) =>
  h("span", { class: `cx-from-${side}`, style: `${side}: ${100 * share}%`, hidden: share < 0 || share > 1 }, text);
