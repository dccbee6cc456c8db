// Where samples and coefficients stand in a drawing, and the paths that show them.

/**
 * A drawing: its size in pixels, and the value at its upper edge; that at its lower edge is the negative.
 * @typedef {{ width: number, height: number, limit: number }} Box
 *
 * Coefficients of one scale among all.
 * @typedef {{ scale: number, isLowpass: boolean, start: number, size: number }} Band
 */

const MARGIN = 5; // pixels that are left above and below the values
export const HEADROOM = 1.2; // times the largest value, since what is kept may overshoot
const NICE = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
const FIGURES = 3; // of a value that is drawn

/**
 * Where the coefficients of each scale lie, coarse to fine.
 * @param {number} n samples
 * @param {number} levels
 * @returns {Band[]}
 */
export function bandsOf(n, levels) {
  const size = n / 2 ** levels;
  const scales = Array.from({ length: levels }, (_, i) => levels - i);
  return [
    { scale: levels, isLowpass: true, start: 0, size },
    // The details of a scale begin where as many coefficients end.
    ...scales.map((scale) => ({ scale, isLowpass: false, start: n / 2 ** scale, size: n / 2 ** scale })),
  ];
}

/** @param {ArrayLike<number>} values */
const largest = (values) => Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/**
 * A round number that no value exceeds, and little more; 1 where all are 0.
 * @param {ArrayLike<number>} values
 * @param {number} room times the largest value
 */
export function limitOf(values, room = 1) {
  const most = room * largest(values);
  if (most === 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(most));
  const nice = NICE.find((one) => one * unit >= most * (1 - 1e-9)) ?? 10;
  return Number((nice * unit).toPrecision(2));
}

/**
 * The limit of a drawing whose values have changed: larger than at first only while some value is.
 * @param {number} first
 * @param {ArrayLike<number>} values
 */
export const widened = (first, values) => (largest(values) > first ? limitOf(values, HEADROOM) : first);

/**
 * @param {number} index
 * @param {number} count
 * @param {Box} box
 */
export const xOf = (index, count, { width }) => ((index + 0.5) * width) / count;

/**
 * @param {number} value
 * @param {Box} box
 */
export const yOf = (value, { height, limit }) => height / 2 - (value / limit) * (height / 2 - MARGIN);

/**
 * The index of what stands at a place across.
 * @param {number} x
 * @param {number} count
 * @param {Box} box
 */
export const indexAt = (x, count, { width }) => Math.max(0, Math.min(count - 1, Math.floor((x * count) / width)));

/**
 * The value at a height, within the drawing.
 * @param {number} y
 * @param {Box} box
 */
export function valueAt(y, { height, limit }) {
  const value = (limit * (height / 2 - y)) / (height / 2 - MARGIN);
  return rounded(Math.max(-limit, Math.min(limit, value)));
}

/**
 * A number with a true minus.
 * @param {string} number
 */
export const signed = (number) => number.replace("-", "−");

/** @param {number} value */
export const rounded = (value) => Number(value.toPrecision(FIGURES));

/**
 * Draw from one sample to another, in a straight line, so that a fast pen leaves no gap.
 * @param {Float64Array} samples that are written to
 * @param {{ index: number, value: number }} from
 * @param {{ index: number, value: number }} to
 * @returns {[number, number]} the first and the last sample that were drawn
 */
export function stroke(samples, from, to) {
  const [left, right] = from.index < to.index ? [from, to] : [to, from];
  const distance = right.index - left.index;
  for (let step = 1; step < distance; step++) {
    samples[left.index + step] = rounded(left.value + ((right.value - left.value) * step) / distance);
  }
  samples[from.index] = from.value;
  samples[to.index] = to.value;
  return [left.index, right.index];
}

/** @param {number} x @param {number} y */
const at = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;

/**
 * A line through values; a dash where there is only one.
 * @param {ArrayLike<number>} values
 * @param {Box} box
 */
export function linePath(values, box) {
  if (values.length === 1) return `M0 ${yOf(values[0], box).toFixed(1)}H${box.width.toFixed(1)}`;
  return `M${Array.from(values, (value, i) => at(xOf(i, values.length, box), yOf(value, box))).join("L")}`;
}

/**
 * The area between a curve and the middle.
 * @param {ArrayLike<number>} values
 * @param {Box} box
 */
export function areaPath(values, box) {
  const middle = box.height / 2;
  const points = Array.from(values, (value, i) => at(xOf(i, values.length, box), yOf(value, box)));
  return `M${at(0, middle)}L${points.join("L")}L${at(box.width, middle)}Z`;
}

/**
 * Stems from the middle to each value that is chosen.
 * @param {ArrayLike<number>} values
 * @param {(index: number) => boolean} isChosen
 * @param {Box} box
 */
export const stemsPath = (values, isChosen, box) =>
  chosen(values, isChosen, box).map(([x, y]) => `M${at(x, box.height / 2)}V${y.toFixed(1)}`).join("");

/**
 * Dots of each value that is chosen, as lines without a length, whose round ends are seen.
 * @param {ArrayLike<number>} values
 * @param {(index: number) => boolean} isChosen
 * @param {Box} box
 */
export const dotsPath = (values, isChosen, box) =>
  chosen(values, isChosen, box).map(([x, y]) => `M${at(x, y)}h0`).join("");

/**
 * @param {ArrayLike<number>} values
 * @param {(index: number) => boolean} isChosen
 * @param {Box} box
 */
function chosen(values, isChosen, box) {
  /** @type {[x: number, y: number][]} */
  const found = [];
  for (let i = 0; i < values.length; i++) {
    if (isChosen(i)) found.push([xOf(i, values.length, box), yOf(values[i], box)]);
  }
  return found;
}
