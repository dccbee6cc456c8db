// The coefficients as a mosaic of bands: kept ones in colour, the others grey; a click picks one.

import { pixelTables } from "./mosaic_colours.js";
import { aroundStrongest, boxAround, strokeEnds } from "./mosaic_marks.js";
import { PickView } from "./pick_view.js";
import { inWords } from "../../run_view/page/bands.js";
import { cellAt } from "../../run_view/page/mosaic_cell.js";
import { h } from "../../shared/page/dom.js";
import { outlined, svg } from "../../shared/page/svg.js";
import { phrase } from "../../shared/page/texts.js";
import { placeTip } from "../../shared/page/tip.js";

/**
 * @import { Setup } from "./messages.d.ts"
 * @import { Band } from "../../run_view/page/messages.d.ts"
 * @import { Cell } from "../../run_view/page/mosaic_cell.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const HELP_NESTED = phrase("Top left the lowpass, around it each scale from coarse to fine.");

const HELP_DIRECTIONAL = phrase(
  "First the lowpass, then each scale from coarse to fine, its bands ordered by angle; a stroke shows the direction of the edges that a band answers to.",
);

export class LabMosaic extends PickView {
  /** @type {Band[]} */
  bands = [];
  factor = 1; // a cell stands for so many rows and columns
  directional = false;
  /** @type {Uint8Array} */
  cells = new Uint8Array(0);
  kept = new Uint8Array(0); // 1 for each cell that is
  /** @type {Set<string>} */
  off = new Set(); // names of bands
  /** @type {Uint8Array | null} */
  covering = null; // how strongly each cell covers a pixel
  /** @type {{ band: Band, cell: [number, number] } | null} */
  marked = null;
  /** @type {ReturnType<typeof pixelTables> | null} */
  tables = null;
  picture = new ImageData(1, 1);

  /**
   * @param {Translator} t
   * @param {(band: number, row: number, column: number) => void} pick index of the band, row and column of the cell in it
   */
  constructor(t, pick) {
    super(t, t("Coefficients"), "", {
      pick: (row, column) => {
        const cell = cellAt(this.bands, row, column);
        if (cell) pick(cell.index, cell.row, cell.column);
        else this.caption.textContent = t("between the bands");
      },
      label: t("Coefficients: move with the arrow keys, pick one with Enter"),
    });
    this.tip = h("div", { class: "cx-tip", hidden: true });
    this.element.append(this.tip);
    this.target.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.hover(event));
    this.target.addEventListener("pointerleave", () => (this.tip.hidden = true));
  }

  /**
   * @param {Setup} setup
   * @param {Uint8Array} cells
   */
  set({ bands, mosaic, directional, colours }, cells) {
    const { t } = this;
    this.bands = bands;
    this.factor = mosaic.factor;
    this.directional = directional;
    this.cells = cells;
    this.covering = null;
    this.marked = null;
    this.kept = new Uint8Array(cells.length);
    this.off = new Set();
    this.heading.title = [
      bands.length > 1
        ? t(directional ? HELP_DIRECTIONAL : HELP_NESTED)
        : t("The picture itself: each pixel is a coefficient."),
      t("Bright and coloured: kept, on a logarithmic scale. Grey: dropped."),
      t("Click one to see its wavelet."),
    ].join(" ");
    this.fit(...mosaic.shape);
    this.leave();
    this.tables ??= pixelTables(colours);
    this.picture = new ImageData(mosaic.shape[1], mosaic.shape[0]);
    this.annotate();
  }

  /**
   * @param {Uint8Array} bits which cells are kept, eight to a byte
   * @param {string[]} off names of the bands that are off
   */
  update(bits, off) {
    this.kept = unpackedBits(bits, this.cells.length);
    this.off = new Set(off);
    this.paint();
  }

  /** @param {Uint8Array | null} strengths how strongly each cell covers a pixel; null to show all alike again */
  cover(strengths) {
    this.covering = strengths;
    this.paint();
    this.annotate();
  }

  paint() {
    const { cells, kept, covering, tables } = this;
    if (!tables) return;
    const width = this.canvas.width;
    const pixels = new Uint32Array(this.picture.data.buffer).fill(0);
    for (const band of this.bands) {
      const isPicture = band.orientation === "lowpass" || band.orientation === "pixels";
      const bright = isPicture ? tables.grey : tables.colour;
      const isOff = this.off.has(band.name);
      for (let row = 0, i = band.start; row < band.rows; row++) {
        let offset = (band.row + row) * width + band.column;
        for (let column = 0; column < band.columns; column++, i++, offset++) {
          if (isOff) pixels[offset] = (row + column) % 8 < 2 ? tables.hatch : tables.off;
          else if (covering) {
            const level = covering[i];
            pixels[offset] = level ? (kept[i] ? tables.covers : tables.coversDropped)[level] : tables.dim[cells[i]];
          } else pixels[offset] = (kept[i] ? bright : tables.dim)[cells[i]];
        }
      }
    }
    this.context.putImageData(this.picture, 0, 0);
  }

  /** @param {string} text what the picture shows */
  describe(text) {
    this.canvas.setAttribute("aria-label", text);
  }

  /** @param {{ band: Band, cell: [number, number] } | null} cell whose band and cell, by row and column, is marked */
  mark(cell) {
    this.marked = cell;
    this.annotate();
  }

  /** The bands' names where there is room, strokes for directions, and the mark. */
  annotate() {
    const cell = this.stage.clientWidth / this.canvas.width || 1; // in pixels of the screen
    const parts = [];
    for (const band of this.bands) {
      const room = Math.min(band.columns, band.rows) * cell;
      if (this.directional && band.angle !== null) {
        const ends = strokeEnds(band, band.angle);
        parts.push(...["cx-halo", "cx-line"].map((name) => svg("line", { class: name, ...ends })));
      } else if (this.bands.length > 1 && room > 30) {
        const text = svg(
          "text",
          { x: band.column + 4 / cell, y: band.row + 13 / cell, "font-size": 11 / cell },
          band.name,
        );
        parts.push(text);
      }
    }
    const least = 7 / cell; // a single cell would not be found
    if (this.marked) {
      const { band, cell: [row, column] } = this.marked;
      parts.push(...outlined(boxAround(band, { top: row, bottom: row, left: column, right: column }, least)));
    }
    for (const band of this.covering ? this.bands : []) {
      const cells = this.covering && aroundStrongest(band, this.covering);
      if (cells) parts.push(...outlined(boxAround(band, cells, least)));
    }
    this.marks.replaceChildren(...parts);
  }

  /**
   * @override
   * @param {number} row
   * @param {number} column
   */
  wordsAt(row, column) {
    const cell = cellAt(this.bands, row, column);
    return cell ? this.words(cell).join("; ") : this.t("between the bands");
  }

  /** @param {Cell<Band>} cell */
  words({ band, row, column, i }) {
    const { t, factor } = this;
    const [rows, columns] = band.entries;
    const entries = { row: entriesOf(row, factor, rows), column: entriesOf(column, factor, columns) };
    return [
      inWords(t, band),
      t("row {row}, column {column}", entries),
      this.off.has(band.name) ? t("switched off") : this.kept[i] ? t("kept") : t("dropped"),
    ];
  }

  /** @param {PointerEvent} event */
  hover(event) {
    const cell = cellAt(this.bands, ...this.under(event));
    this.tip.hidden = !cell;
    if (!cell) return;
    const [name, ...others] = this.words(cell);
    this.tip.replaceChildren(h("b", {}, name), ...others.map((text) => h("div", {}, text)));
    placeTip(this.tip, this.element, event);
  }
}

/**
 * Which of some cells are kept, from a bit for each, the first the highest of its byte.
 * @param {Uint8Array} bits
 * @param {number} count of cells
 */
export function unpackedBits(bits, count) {
  const kept = new Uint8Array(count);
  for (let i = 0; i < count; i++) kept[i] = (bits[i >> 3] >> (7 - (i & 7))) & 1;
  return kept;
}

/**
 * The entries of a row or a column that cell `k` of it stands for, first and last.
 * @param {number} k
 * @param {number} factor how many entries a cell stands for
 * @param {number} count of entries
 */
export const entriesOf = (k, factor, count) =>
  factor > 1 ? `${k * factor}–${Math.min((k + 1) * factor, count) - 1}` : String(k);
