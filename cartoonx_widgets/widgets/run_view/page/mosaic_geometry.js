// Where the marks and names of a mosaic stand.

/**
 * @import { Band } from "./messages.d.ts"
 * @typedef {Pick<Band, "angle" | "row" | "column" | "rows" | "columns">} Angled
 */

/**
 * A stroke at the lower left of each tile, along the edges that its band answers to; dark around, to show on bright.
 * Finer lines for the small tiles, which they would hide.
 * @param {Angled[]} bands
 * @param {{ shape: [number, number] }} mosaic
 */
export function strokes(bands, { shape: [, width] }) {
  const angled = bands.filter((band) => band.angle !== null);
  /** @param {Angled} band */
  const isSmall = (band) => band.columns < 0.06 * width;
  return [
    ...lines(angled.filter((band) => !isSmall(band)), 0.024 * width, { line: 1.8, halo: 4.5 }),
    ...lines(angled.filter(isSmall), 0.024 * width, { line: 1, halo: 2.2 }),
  ];
}

/**
 * Whether a tile has room for its band's name: it is no small part of the mosaic, and wider than the name.
 * @param {Pick<Band, "name" | "columns">} band
 * @param {{ shape: [number, number] }} mosaic
 * @param {number} cell its side, in pixels
 */
export const hasRoom = ({ name, columns }, { shape: [, width] }, cell) =>
  columns > 0.1 * width && columns * cell > 6 * name.length + 4;

/**
 * Strokes through some tiles, as two lines: a dark one and a bright one upon it.
 * @param {Angled[]} bands
 * @param {number} longest half of the longest, in cells
 * @param {{ line: number, halo: number }} widths in pixels
 */
function lines(bands, longest, widths) {
  /** @type {(number | null)[]} */
  const x = [];
  /** @type {(number | null)[]} */
  const y = [];
  for (const band of bands) {
    const radius = Math.min(0.3 * Math.min(band.rows, band.columns), longest);
    const turn = ((band.angle ?? 0) / 180) * Math.PI;
    const [across, down] = [radius * Math.cos(turn), -radius * Math.sin(turn)]; // y points down
    const [column, row] = [band.column - 0.5 + 1.3 * radius, band.row + band.rows - 0.5 - 1.3 * radius];
    x.push(column - across, column + across, null);
    y.push(row - down, row + down, null);
  }
  /** @param {string} name @param {string} color @param {number} width */
  const trace = (name, color, width) => ({
    type: "scatter",
    mode: "lines",
    name,
    x,
    y,
    line: { color, width },
    hoverinfo: "skip",
  });
  return [trace("halo", "rgba(0,0,0,0.75)", widths.halo), trace("directions", "#ffffff", widths.line)];
}
