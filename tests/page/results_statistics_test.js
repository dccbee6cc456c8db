import assert from "node:assert/strict";
import { density, extent, quantile, sortedValues } from "../../cartoonx_widgets/widgets/shared/page/statistics.js";

const VALUES = Float64Array.from({ length: 500 }, (_, i) => ((i * 7919) % 500) / 500).map((u) => u ** 2).sort();

Deno.test("quantiles lie between their neighbours in proportion, and at the ends on the smallest and the largest", () => {
  const sorted = [1, 2, 4, 8];
  assert.deepEqual([0, 0.5, 1].map((share) => quantile(sorted, share)), [1, 3, 8]);
  assert.equal(quantile(sorted, 0.25), 1.75);
  assert.equal(quantile([5], 0.9), 5);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

Deno.test("a larger share never has a smaller quantile", () => {
  const found = Array.from({ length: 101 }, (_, i) => quantile(VALUES, i / 100));
  assert.ok(found.every((value, i) => i === 0 || value >= found[i - 1]));
});

Deno.test("what is not finite does not count among sorted values", () => {
  const column = Float32Array.of(3, NaN, 1, Infinity, 2, 0);
  assert.deepEqual([...sortedValues(column, [0, 1, 2, 3, 4])], [1, 2, 3]);
});

Deno.test("a density has the area 1, also where its kernel reaches beyond the ends", () => {
  for (const [low, high] of [[0, 1], [-1, 3]]) {
    const { positions, heights } = density(VALUES, low, high);
    const step = (high - low) / positions.length;
    const area = heights.reduce((sum, height) => sum + height * step, 0);
    assert.ok(Math.abs(area - 1) < 1e-9, `area ${area}`);
    assert.ok(heights.every((height) => height >= 0));
    assert.ok(positions[0] > low && positions[positions.length - 1] < high);
  }
});

Deno.test("a density is highest where most values lie", () => {
  const { positions, heights } = density(Float64Array.of(0.2, 0.7, 0.7, 0.71, 0.72), 0, 1);
  const highest = heights.indexOf(Math.max(...heights));
  assert.ok(Math.abs(positions[highest] - 0.7) < 0.05);
});

Deno.test("nothing has no density, and neither has a range without width", () => {
  assert.ok(density(new Float64Array(0), 0, 1).heights.every((height) => height === 0));
  assert.ok(density(Float64Array.of(1), 1, 1).heights.every((height) => height === 0));
});

Deno.test("the extent is the smallest and the largest, else what is asked for", () => {
  assert.deepEqual(extent([3, -1, 2], [0, 1]), [-1, 3]);
  assert.deepEqual(extent([], [0, 1]), [0, 1]);
  assert.deepEqual(extent([NaN, NaN], [0, 1]), [0, 1]);
});
