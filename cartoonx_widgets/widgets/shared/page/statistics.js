// Quantiles, ranges and densities.

/**
 * A quantile of sorted numbers, between two neighbours in proportion.
 * @param {ArrayLike<number>} sorted
 * @param {number} share from 0 to 1
 */
export function quantile(sorted, share) {
  if (!sorted.length) return NaN;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/**
 * The finite values of some records, sorted.
 * @param {ArrayLike<number>} column
 * @param {readonly number[]} rows the records
 */
export const sortedValues = (column, rows) => Float64Array.from(rows, (i) => column[i]).filter(Number.isFinite).sort();

const DENSITY_POINTS = 160;

/**
 * Densities at evenly spaced positions from `low` to `high`, of sorted numbers between them: { positions, heights }.
 * What the kernel puts beyond an end is reflected, so that the area is 1. The width is Silverman's.
 * @param {readonly number[] | Float64Array<ArrayBuffer>} values
 * @param {number} low
 * @param {number} high
 */
export function density(values, low, high) {
  const sorted = Float64Array.from(values);
  const n = sorted.length;
  const step = (high - low) / DENSITY_POINTS;
  const positions = Float64Array.from({ length: DENSITY_POINTS }, (_, i) => low + (i + 0.5) * step);
  const heights = new Float64Array(DENSITY_POINTS);
  if (!n || !(step > 0)) return { positions, heights };
  const counts = new Float64Array(DENSITY_POINTS);
  for (const value of sorted) counts[Math.max(0, Math.min(DENSITY_POINTS - 1, Math.floor((value - low) / step)))]++;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
  const quarters = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.34;
  const width = Math.max(0.9 * Math.min(deviation, quarters || deviation) * n ** -0.2, 1.5 * step) / step;
  const reach = Math.min(DENSITY_POINTS, Math.ceil(4 * width));
  const kernel = Float64Array.from({ length: reach + 1 }, (_, i) => Math.exp(-0.5 * (i / width) ** 2));
  const whole = kernel.reduce((sum, weight, i) => sum + (i ? 2 : 1) * weight, 0) * n * step;
  /** @param {number} position */
  const folded = (position) => {
    if (position < 0) return -1 - position;
    return position >= DENSITY_POINTS ? 2 * DENSITY_POINTS - 1 - position : position;
  };
  counts.forEach((count, position) => {
    if (!count) return;
    for (let i = -reach; i <= reach; i++) heights[folded(position + i)] += (count * kernel[Math.abs(i)]) / whole;
  });
  return { positions, heights };
}

/**
 * Smallest and largest of some numbers.
 * @param {Iterable<number>} values
 * @param {[number, number]} otherwise where there are none
 * @returns {[number, number]}
 */
export function extent(values, otherwise) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : otherwise;
}
