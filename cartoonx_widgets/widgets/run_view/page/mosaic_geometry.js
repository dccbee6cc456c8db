// Where the marks and names of a mosaic stand, in its cells from the top left corner on.

/**
 * @import { Band } from "./messages.d.ts"
 * @typedef {Pick<Band, "angle" | "row" | "column" | "rows" | "columns">} Angled
 */

const LONGEST = 0.024; // half of a stroke, of the mosaic's width

/**
 * A stroke at the lower left of each tile, along the edges that its band answers to; a small tile is one that a bold
 * stroke would hide.
 * @param {Angled[]} bands
 * @param {{ shape: [number, number] }} mosaic
 */
export function strokes(bands, { shape: [, width] }) {
  return bands.flatMap(({ angle, row, column, rows, columns }) => {
    if (angle === null) return [];
    const radius = Math.min(0.3 * Math.min(rows, columns), LONGEST * width);
    const turn = (angle / 180) * Math.PI;
    const [across, down] = [radius * Math.cos(turn), -radius * Math.sin(turn)]; // y points down
    const [x, y] = [column + 1.3 * radius, row + rows - 1.3 * radius];
    const ends = { x1: x - across, x2: x + across, y1: y - down, y2: y + down };
    return [{ ends, isSmall: columns < 0.06 * width }];
  });
}

/**
 * Whether a tile has room for its band's name: it is no small part of what is seen, and wider than the name.
 * @param {Pick<Band, "name" | "columns">} band
 * @param {number} width of what is seen, in cells
 * @param {number} cell its side, in pixels
 */
export const hasRoom = ({ name, columns }, width, cell) =>
  columns > 0.1 * width && columns * cell > 6 * name.length + 4;
