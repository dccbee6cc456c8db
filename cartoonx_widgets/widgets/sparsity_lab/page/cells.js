// Coefficients in the cells of the mosaic, as `sparsity_lab/cells.py` and `build_messages.py` have them, for pages
// without a kernel.

import { luminance } from "./measures.js";

/**
 * @import { Expansion } from "./expansion.js"
 * @import { PickedCoefficient, PickedPixel, WrittenLayout } from "./messages.d.ts"
 * @import { Band } from "../../run_view/page/messages.d.ts"
 */

const DECADES = 4; // how far below the largest coefficient the colours reach
const COVERS = 0.01; // of the largest value in its band: a coefficient's picture has at least this much at a pixel
const SEEN = 0.05; // of a wavelet's largest value: where it has less, nothing is seen of it
const FAINT = 0.25; // how much of the photograph is seen behind a wavelet

/** @param {Band} band */
const isPicture = ({ orientation }) => orientation === "lowpass" || orientation === "pixels";

/**
 * Values in the cells; the largest, where a cell stands for several.
 * @param {WrittenLayout} layout
 * @param {ArrayLike<number>} values of all coefficients
 */
function inCells({ bands, mosaic: { factor } }, values) {
  const { start, rows, columns } = bands[bands.length - 1];
  const cells = new Float64Array(start + rows * columns).fill(-Infinity);
  let i = 0;
  for (const band of bands) {
    const [entryRows, entryColumns] = band.entries;
    for (let row = 0; row < entryRows; row++) {
      const first = band.start + Math.floor(row / factor) * band.columns;
      for (let column = 0; column < entryColumns; column++, i++) {
        const cell = first + Math.floor(column / factor);
        if (values[i] > cells[cell]) cells[cell] = values[i];
      }
    }
  }
  return cells;
}

/**
 * The cells' brightness, 0 to 255: details by the logarithm of their size, the lowpass and pixels as a picture.
 * @param {WrittenLayout} layout
 * @param {Expansion} expansion
 */
export function brightness(layout, expansion) {
  const sizes = inCells(layout, expansion.importance);
  let most = 0;
  for (const band of layout.bands.filter((one) => !isPicture(one))) {
    for (let i = band.start; i < band.start + band.rows * band.columns; i++) most = Math.max(most, sizes[i]);
  }
  const levels = Uint8ClampedArray.from(
    sizes,
    (size) => 255 * (1 + Math.log10(size / Math.max(most, 1e-12)) / DECADES),
  );
  const [first] = layout.bands;
  const grey = inCells({ ...layout, bands: [{ ...first, start: 0 }] }, expansion.lowpass());
  const isLowpass = first.orientation === "lowpass";
  const [low, high] = isLowpass
    ? [grey.reduce((a, b) => Math.min(a, b)), grey.reduce((a, b) => Math.max(a, b))]
    : [0, 1];
  levels.set(grey.map((value) => (255 * (value - low)) / Math.max(high - low, 1e-12)));
  return new Uint8Array(levels.buffer);
}

/**
 * Which cells are kept, eight to a byte, the first the highest.
 * @param {WrittenLayout} layout
 * @param {Uint8Array} mask
 */
export function keptBits(layout, mask) {
  const cells = inCells(layout, mask);
  const bits = new Uint8Array(Math.ceil(cells.length / 8));
  cells.forEach((kept, i) => {
    if (kept) bits[i >> 3] |= 128 >> (i & 7);
  });
  return bits;
}

/**
 * The largest coefficient of a cell: its figures, and the picture that it stands for, over the faint photograph.
 * @param {WrittenLayout} layout
 * @param {Expansion} expansion
 * @param {Float64Array[]} picture
 * @param {{ band: number, row: number, column: number }} cell
 * @returns {[Omit<PickedCoefficient, "run">, Float64Array]}
 */
export function pickedCoefficient({ bands, mosaic: { factor } }, expansion, picture, { band, row, column }) {
  const { importance, transform, coefficients } = expansion;
  const { start } = transform.bands[band];
  const [rows, columns] = bands[band].entries;
  let found = start + factor * row * columns + factor * column;
  for (let r = factor * row; r < Math.min(rows, factor * (row + 1)); r++) {
    for (let c = factor * column; c < Math.min(columns, factor * (column + 1)); c++) {
      const index = start + r * columns + c;
      if (importance[index] > importance[found]) found = index;
    }
  }
  const one = new Float64Array(expansion.n);
  one[found] = 1;
  const wave = transform.synthesise(one);
  const [most, support] = extent(wave, transform.size[1]);
  const shown = luminance(picture).map((grey, i) =>
    0.5 + FAINT * (grey - 0.5) + ((0.5 - FAINT / 2) * wave[i]) / Math.max(most, 1e-12)
  );
  const magnitude = importance[found];
  const larger = importance.reduce(
    (count, value, i) => count + Number(value > magnitude || (value === magnitude && i < found)),
    0,
  );
  const place = { row: Math.floor((found - start) / columns), column: (found - start) % columns };
  return [
    {
      type: "picked",
      kind: "coefficient",
      band,
      cell: [row, column],
      ...place,
      magnitude,
      rank: larger + 1,
      support,
      values: coefficients.map((plane) => plane[found]),
    },
    shown,
  ];
}

/**
 * The largest absolute value of a wavelet, and from which row and column to which it is seen.
 * @param {Float64Array} wave
 * @param {number} columns
 * @returns {[number, [number, number, number, number]]}
 */
function extent(wave, columns) {
  const most = wave.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  let [top, left, bottom, right] = [Infinity, Infinity, 0, 0];
  wave.forEach((value, i) => {
    if (Math.abs(value) <= SEEN * most) return;
    const [row, column] = [Math.floor(i / columns), i % columns];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    [left, right] = [Math.min(left, column), Math.max(right, column)];
  });
  return [most, [top, left, bottom, right]];
}

/**
 * Which coefficients cover a pixel, by scale, and for each cell how strongly the strongest does.
 * @param {WrittenLayout} layout
 * @param {Expansion} expansion
 * @param {{ row: number, column: number }} pixel
 * @returns {[Omit<PickedPixel, "run">, Uint8Array]}
 */
export function pickedPixel(layout, { transform }, { row, column }) {
  const [rows, columns] = transform.size;
  const pixel = new Float64Array(rows * columns);
  pixel[row * columns + column] = 1;
  const values = transform.adjoint(pixel).map(Math.abs);
  /** @type {Record<string, number>} */
  const counts = {};
  transform.bands.forEach(({ start, rows, columns }, index) => {
    const own = values.subarray(start, start + rows * columns);
    const most = own.reduce((a, b) => Math.max(a, b), 1e-12);
    const { orientation, scale } = layout.bands[index];
    const where = orientation === "lowpass" ? "lowpass" : String(scale);
    counts[where] ??= 0;
    own.forEach((value, i) => {
      own[i] = value >= COVERS * most ? value / most : 0;
      counts[where] += Number(own[i] > 0);
    });
  });
  const strongest = inCells(layout, values);
  const levels = Uint8Array.from(strongest, (value) => (value > 0 ? 1 + Math.round(254 * Math.sqrt(value)) : 0));
  const count = Object.values(counts).reduce((sum, one) => sum + one);
  return [{ type: "picked", kind: "pixel", row, column, count, counts }, levels];
}
