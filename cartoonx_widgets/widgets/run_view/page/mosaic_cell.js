// Which cell of a mosaic stands at a place of its picture.

/** @import { Band } from "./messages.d.ts" */

/**
 * A cell: the index of its band, row and column in the band's tile, and its index `i` among all cells.
 * @template {Pick<Band, "row" | "column" | "rows" | "columns" | "start">} Tile
 * @typedef {{ index: number, band: Tile, row: number, column: number, i: number }} Cell
 */

/**
 * The cell at a place of the picture, or null between the bands.
 * @template {Pick<Band, "row" | "column" | "rows" | "columns" | "start">} Tile
 * @param {Tile[]} bands
 * @param {number} row
 * @param {number} column
 * @returns {Cell<Tile> | null}
 */
export function cellAt(bands, row, column) {
  const index = bands.findIndex((band) => isWithin(band, row - band.row, column - band.column));
  if (index < 0) return null;
  const band = bands[index];
  const [r, c] = [row - band.row, column - band.column];
  return { index, band, row: r, column: c, i: band.start + r * band.columns + c };
}

/**
 * Whether a band's tile has this row and column.
 * @param {{ rows: number, columns: number }} band
 * @param {number} row
 * @param {number} column
 */
export const isWithin = ({ rows, columns }, row, column) => row >= 0 && row < rows && column >= 0 && column < columns;
