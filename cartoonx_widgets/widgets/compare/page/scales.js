// The scales of a chart: their ends, and the ticks between them.

const DECADES = 6; // of a logarithmic scale: what is smaller than that stands at its lower end

/**
 * A vertical scale that holds some values: its ticks, and `part`, which is where between its ends a value lies, 0 at
 * the lower one and 1 at the upper one. Values that it cannot have, as 0 on a logarithmic one, do not count.
 * @param {number[]} values
 * @param {boolean} log
 */
export function verticalScale(values, log) {
  const all = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  const most = Math.max(...all, 0) || 1;
  if (!log) {
    const top = roundedUp(most);
    return { ticks: [0, 1, 2, 3, 4].map((i) => (top * i) / 4), part: (/** @type {number} */ value) => value / top };
  }
  const [low, high] = logarithmicEnds(Math.min(...all, most), most);
  const part = (/** @type {number} */ value) => Math.log10(Math.max(value, low) / low) / Math.log10(high / low);
  return { ticks: powersOfTen(low, high), part };
}

/**
 * The next of 1, 2, 4, 5, 6, 8 times a power of ten.
 * @param {number} value above 0
 */
export function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 4, 5, 6, 8].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(3));
}

/**
 * The powers of ten around two numbers, at least one power apart, at most `DECADES`.
 * @param {number} least above 0
 * @param {number} most
 * @returns {[number, number]}
 */
export function logarithmicEnds(least, most) {
  const [low, high] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  return [10 ** Math.max(low, high - DECADES), 10 ** Math.max(high, low + 1)];
}

/**
 * The powers of ten from one of them to another.
 * @param {number} least
 * @param {number} most
 */
export function powersOfTen(least, most) {
  const first = Math.round(Math.log10(least));
  return Array.from({ length: Math.round(Math.log10(most)) - first + 1 }, (_, i) => 10 ** (first + i));
}
