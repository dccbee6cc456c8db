// How near an approximation is to its picture, and how fast sorted magnitudes decay: as `sparsity.measures` has it, for
// pages without a kernel. A picture is its red, green and blue values in [0, 1], each flat, row by row.

/** @import { Decay } from "./messages.d.ts" */

const SIGMA = 1.5;
const RADIUS = 5; // of the Gaussian window
const [C1, C2] = [0.01 ** 2, 0.03 ** 2];

const WINDOW = (() => {
  const values = Array.from({ length: 2 * RADIUS + 1 }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA ** 2)));
  const sum = values.reduce((total, value) => total + value);
  return values.map((value) => value / sum);
})();

/**
 * Peak signal-to-noise ratio in decibels; infinite where both are equal.
 * @param {Float64Array[]} picture
 * @param {Float64Array[]} approximation
 */
export function psnr(picture, approximation) {
  let sum = 0;
  picture.forEach((plane, colour) => {
    const other = approximation[colour];
    for (let i = 0; i < plane.length; i++) sum += (plane[i] - other[i]) ** 2;
  });
  return -10 * Math.log10(sum / (3 * picture[0].length));
}

/**
 * Brightness by ITU-R BT.601.
 * @param {Float64Array[]} picture
 */
export const luminance = ([red, green, blue]) =>
  red.map((value, i) => 0.299 * value + 0.587 * green[i] + 0.114 * blue[i]);

/**
 * Mean structural similarity of the brightness, where the window lies in the picture.
 * @param {Float64Array[]} picture
 * @param {Float64Array[]} approximation
 * @param {readonly [number, number]} size rows and columns
 */
export function ssim(picture, approximation, size) {
  const [x, y] = [luminance(picture), luminance(approximation)];
  const means = [x, y, x.map((v) => v * v), y.map((v) => v * v), x.map((v, i) => v * y[i])].map((values) =>
    windowed(values, size)
  );
  const [ux, uy, uxx, uyy, uxy] = means;
  let sum = 0;
  for (let i = 0; i < ux.length; i++) {
    const product = ux[i] * uy[i];
    const squares = ux[i] ** 2 + uy[i] ** 2;
    const covariance = uxy[i] - product;
    const variances = uxx[i] + uyy[i] - squares;
    sum += ((2 * product + C1) * (2 * covariance + C2)) / ((squares + C1) * (variances + C2));
  }
  return sum / ux.length;
}

/**
 * Means over the window, wherever it lies in the picture.
 * @param {Float64Array} values
 * @param {readonly [number, number]} size rows and columns
 */
function windowed(values, [rows, columns]) {
  const [high, wide] = [rows - 2 * RADIUS, columns - 2 * RADIUS];
  const along = new Float64Array(rows * wide);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < wide; column++, to++) {
      const from = row * columns + column;
      let sum = 0;
      for (let i = 0; i < WINDOW.length; i++) sum += WINDOW[i] * values[from + i];
      along[to] = sum;
    }
  }
  const found = new Float64Array(high * wide);
  for (let i = 0; i < WINDOW.length; i++) {
    const [weight, from] = [WINDOW[i], i * wide];
    for (let k = 0; k < found.length; k++) found[k] += weight * along[from + k];
  }
  return found;
}

/**
 * At most `most` whole numbers from `first` to `last`, evenly spaced on a logarithmic axis.
 * @param {number} first
 * @param {number} last
 * @param {number} most
 */
export function logSpaced(first, last, most) {
  const every = Array.from({ length: most }, (_, i) => Math.round(first * (last / first) ** (i / (most - 1))));
  return [...new Set(every)];
}

/**
 * The power law of sorted magnitudes: a straight line on logarithmic axes, by least squares.
 * @param {Float64Array} magnitudes descending
 * @returns {Decay}
 */
export function fittedDecay(magnitudes) {
  const n = magnitudes.length;
  const first = Math.max(10, Math.floor(n / 500));
  const seen = magnitudes.findIndex((value) => !(value > 1e-5 * magnitudes[0])); // below is the kernel's rounding
  const last = Math.min(Math.max(first, Math.floor(n / 20)), seen < 0 ? n : seen);
  if (last <= first) return { rate: null, scale: null, first, last: Math.max(first, last) };
  const ranks = logSpaced(first, last, 200);
  const [x, y] = [ranks.map(Math.log), ranks.map((rank) => Math.log(magnitudes[rank - 1]))];
  /** @param {number[]} values */
  const mean = (values) => values.reduce((sum, value) => sum + value) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const slope = mean(x.map((value, i) => (value - meanX) * (y[i] - meanY))) / mean(x.map((v) => (v - meanX) ** 2));
  return { rate: -slope, scale: Math.exp(meanY - slope * meanX), first, last };
}
