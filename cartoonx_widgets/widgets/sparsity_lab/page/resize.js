// The centre of a picture, at the lab's size: as `images.fit` has it, bicubic with antialiasing, for pages without a
// kernel.

/** Of how many rows the pixels are read at once, at most. */
export const STRIP = 256;

/**
 * For each of `count` places, the first of n values that it is a mean of, and their weights.
 * @param {number} n
 * @param {number} count
 */
export function bicubic(n, count) {
  const scale = n / count;
  const wide = Math.max(scale, 1);
  return Array.from({ length: count }, (_, i) => {
    const centre = scale * (i + 0.5);
    const first = Math.max(0, Math.trunc(centre - 2 * wide + 0.5));
    const last = Math.min(n, Math.trunc(centre + 2 * wide + 0.5));
    const weights = Array.from({ length: last - first }, (_, j) => cubic((first + j - centre + 0.5) / wide));
    const sum = weights.reduce((total, weight) => total + weight);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/**
 * R. Keys' cubic kernel with a = -1/2.
 * @param {number} x
 */
function cubic(x) {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

/**
 * Red, green and blue in [0, 1] of a square's pixels, resized to side x side.
 * @param {number} n pixels a side of the square
 * @param {number} side
 * @param {(row: number, rows: number) => Uint8ClampedArray} read pixels of some rows, four bytes each
 */
export function resized(n, side, read) {
  const weights = bicubic(n, side);
  const narrow = [0, 1, 2].map(() => new Float32Array(n * side));
  for (let top = 0; top < n; top += STRIP) {
    const rows = Math.min(STRIP, n - top);
    const pixels = read(top, rows);
    narrow.forEach((plane, colour) => {
      for (let row = 0, to = top * side; row < rows; row++) {
        for (let i = 0; i < side; i++, to++) {
          const { first, weights: own } = weights[i];
          let [sum, from] = [0, 4 * (row * n + first) + colour];
          for (let j = 0; j < own.length; j++, from += 4) sum += own[j] * pixels[from];
          plane[to] = sum / 255;
        }
      }
    });
  }
  return narrow.map((plane) => {
    const found = new Float64Array(side * side);
    weights.forEach(({ first, weights: own }, row) => {
      const to = found.subarray(row * side, (row + 1) * side);
      own.forEach((weight, j) => {
        const from = (first + j) * side;
        for (let i = 0; i < side; i++) to[i] += weight * plane[from + i];
      });
      for (let i = 0; i < side; i++) to[i] = Math.min(1, Math.max(0, to[i]));
    });
    return found;
  });
}
