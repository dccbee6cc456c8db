// What the cells of the mosaic show: the mask, the photograph's coefficients, or what is kept of them.

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
 * The colour of a cell, [red, green, blue] in 0 to 255.
 * @param {Kind} kind
 * @param {Uint8Array} table of 256 colours
 * @param {number} mask in 0 to 255
 * @param {number} magnitude in 0 to 255
 * @returns {[number, number, number]}
 */
export function cellColour(kind, table, mask, magnitude) {
  if (kind === "coefficients") {
    const share = mask / 255;
    const grey = (1 - share) * DROPPED * magnitude;
    const [red, green, blue] = colourAt(table, magnitude);
    return [grey + share * red, grey + share * green, grey + share * blue];
  }
  return colourAt(table, kind === "mask" ? mask : Math.round((mask * magnitude) / 255));
}

/**
 * @param {Uint8Array} table
 * @param {number} level
 * @returns {[number, number, number]}
 */
const colourAt = (table, level) => [table[3 * level], table[3 * level + 1], table[3 * level + 2]];

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
