// What the cells of the mosaic show: the mask, the photograph's coefficients, or what is kept of them.

import { pixel, pixelTable } from "../../shared/page/colours.js";

/** @import { Band } from "./messages.d.ts" */

/** @typedef {"mask" | "coefficients" | "kept"} Kind */

const DROPPED = 0.55; // how bright a coefficient is that is not kept

/**
 * How bright each cell's coefficient is, 0 to 255: the root of its magnitude over all colours, relative to the largest of
 * its band, so that each band is seen.
 * @param {Float32Array} coefficients (C, cells)
 * @param {Pick<Band, "start" | "rows" | "columns">[]} bands
 */
export function magnitudes(coefficients, bands) {
  const { start, rows, columns } = bands[bands.length - 1];
  const count = start + rows * columns;
  const squares = new Float32Array(count);
  for (let i = 0; i < coefficients.length; i++) squares[i % count] += coefficients[i] ** 2;
  const found = new Uint8Array(count);
  for (const band of bands) {
    const end = band.start + band.rows * band.columns;
    const largest = squares.subarray(band.start, end).reduce((most, value) => Math.max(most, value), 0);
    if (!largest) continue;
    for (let i = band.start; i < end; i++) found[i] = Math.round(255 * (squares[i] / largest) ** 0.25);
  }
  return found;
}

/**
 * The pixel of each cell.
 * @param {Kind} kind
 * @param {Uint8Array} table of 256 colours
 * @param {Uint8Array} levels of the mask, 0 to 255
 * @param {Uint8Array | null} bright how bright each coefficient is; null where only the mask is shown
 * @returns {Uint32Array}
 */
export function cellPixels(kind, table, levels, bright) {
  /** @param {number} level */
  const colour = (level) => table.subarray(3 * level, 3 * level + 3);
  const pixels = pixelTable(colour);
  const found = new Uint32Array(levels.length);
  for (let i = 0; i < levels.length; i++) {
    if (kind === "mask" || !bright) found[i] = pixels[levels[i]];
    else if (kind === "kept") found[i] = pixels[Math.round((levels[i] * bright[i]) / 255)];
    else {
      const share = levels[i] / 255;
      const grey = (1 - share) * DROPPED * bright[i];
      const [red, green, blue] = colour(bright[i]);
      found[i] = pixel([grey + share * red, grey + share * green, grey + share * blue]);
    }
  }
  return found;
}

/**
 * Where a cell of a band's tile lies in the photograph, as shares of its width and height.
 * @param {Pick<Band, "entries">} band
 * @param {number} factor entries a side for each cell
 * @param {number} row of the cell in the tile
 * @param {number} column
 */
export function placeOf({ entries: [rows, columns] }, factor, row, column) {
  /** @param {number} k @param {number} count */
  const between = (k, count) => [Math.min(1, (k * factor) / count), Math.min(1, ((k + 1) * factor) / count)];
  const [top, bottom] = between(row, rows);
  const [left, right] = between(column, columns);
  return { left, top, width: right - left, height: bottom - top };
}
