// Where the marks of the mosaic stand, in its cells.

import { isWithin } from "../../run_view/page/mosaic_cell.js";

/**
 * @import { Band } from "../../run_view/page/messages.d.ts"
 */

/**
 * A band's tile.
 * @typedef {Pick<Band, "row" | "column" | "rows" | "columns" | "start">} Tile
 *
 * Some of its cells, the first and the last rows and columns included.
 * @typedef {{ top: number, bottom: number, left: number, right: number }} Cells
 */

/**
 * The ends of a stroke at the lower left of a band, along the edges that it answers to.
 * @param {Tile} band
 * @param {number} angle in degrees
 */
export function strokeEnds(band, angle) {
  const radius = 0.13 * Math.min(band.rows, band.columns);
  const turn = (angle / 180) * Math.PI;
  const [across, down] = [radius * Math.cos(turn), -radius * Math.sin(turn)]; // y points down
  const [x, y] = [band.column + 1.6 * radius, band.row + band.rows - 1.6 * radius];
  return { x1: x - across, x2: x + across, y1: y - down, y2: y + down };
}

/**
 * A box around cells of a band, which has at least the size `least`.
 * @param {Tile} band
 * @param {Cells} cells
 * @param {number} least
 */
export function boxAround(band, cells, least) {
  const width = Math.max(cells.right - cells.left + 2, least);
  const height = Math.max(cells.bottom - cells.top + 2, least);
  const x = band.column + (cells.left + cells.right + 1 - width) / 2;
  const y = band.row + (cells.top + cells.bottom + 1 - height) / 2;
  return { x, y, width, height };
}

/**
 * The strongest of a band's cells and those that follow each other around it, to all four sides; null where all are 0.
 * @param {Tile} band
 * @param {Uint8Array} strengths of all cells
 * @returns {Cells | null}
 */
export function aroundStrongest(band, strengths) {
  const own = strengths.subarray(band.start, band.start + band.rows * band.columns);
  const strongest = own.reduce((best, strength, i) => (strength > own[best] ? i : best), 0);
  if (!own[strongest]) return null;
  const [row, column] = [Math.floor(strongest / band.columns), strongest % band.columns];
  /**
   * @param {number} down
   * @param {number} right
   */
  const reach = (down, right) => {
    let steps = 0;
    for (let [r, c] = [row + down, column + right]; isWithin(band, r, c) && own[r * band.columns + c]; steps++) {
      r += down;
      c += right;
    }
    return steps;
  };
  return {
    top: row - reach(-1, 0),
    bottom: row + reach(1, 0),
    left: column - reach(0, -1),
    right: column + reach(0, 1),
  };
}
