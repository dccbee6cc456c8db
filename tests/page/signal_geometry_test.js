import assert from "node:assert/strict";
import {
  bandsOf,
  dotsPath,
  indexAt,
  limitOf,
  linePath,
  stemsPath,
  stroke,
  valueAt,
  widened,
  xOf,
  yOf,
} from "../../cartoonx_widgets/widgets/signal_lab/page/geometry.js";

const BOX = { width: 640, height: 200, limit: 2.5 };

Deno.test("bands lie one after the other, coarse to fine, and hold as many coefficients as there are samples", () => {
  for (const [n, most] of [[1, 0], [2, 1], [100, 2], [256, 8]]) {
    for (let levels = 0; levels <= most; levels++) {
      const bands = bandsOf(n, levels);
      assert.deepEqual(bands.map(({ isLowpass }) => isLowpass), [true, ...Array(levels).fill(false)]);
      assert.deepEqual(bands.slice(1).map(({ scale }) => scale), Array.from({ length: levels }, (_, i) => levels - i));
      let start = 0;
      for (const band of bands) {
        assert.equal(band.start, start);
        assert.equal(band.size, n / 2 ** band.scale);
        start += band.size;
      }
      assert.equal(start, n);
    }
  }
});

Deno.test("an edge stands for a round number that no value exceeds, and little more", () => {
  for (const most of [1e-9, 0.031, 0.9, 1, 1.01, 7.3, 81, 1e6, 9.99e99]) {
    for (const room of [1, 1.2]) {
      const limit = limitOf([most / 3, -most, 0], room);
      assert.ok(limit >= most * room * (1 - 1e-9) && limit <= 1.51 * most * room, `${most}: ${limit}`);
    }
  }
  assert.deepEqual([limitOf([]), limitOf([0, 0]), limitOf(new Float64Array([-1]), 1.2)], [1, 1, 1.2]);
});

Deno.test("a drawing is wider than at first only while a value exceeds it", () => {
  assert.equal(widened(1.2, [0.1, -1.2]), 1.2);
  assert.equal(widened(1.2, [-3]), 4);
  assert.equal(widened(1.2, [0]), 1.2);
});

Deno.test("the place of a value is where a pointer gives it back", () => {
  for (let i = 0; i < 13; i++) assert.equal(indexAt(xOf(i, 13, BOX), 13, BOX), i);
  for (const value of [-2.5, -1, 0, 0.25, 2.5]) assert.equal(valueAt(yOf(value, BOX), BOX), value);
  assert.deepEqual([indexAt(-50, 13, BOX), indexAt(9000, 13, BOX)], [0, 12]);
  assert.deepEqual([valueAt(-50, BOX), valueAt(9000, BOX)], [2.5, -2.5]);
});

Deno.test("a fast pen leaves no gap, and touches nothing beside its way", () => {
  const samples = new Float64Array(10).fill(9);
  assert.deepEqual(stroke(samples, { index: 2, value: 0 }, { index: 6, value: 2 }), [2, 6]);
  assert.deepEqual([...samples], [9, 9, 0, 0.5, 1, 1.5, 2, 9, 9, 9]);
  assert.deepEqual(stroke(samples, { index: 6, value: 2 }, { index: 4, value: 0 }), [4, 6]);
  assert.deepEqual([...samples], [9, 9, 0, 0.5, 0, 1, 2, 9, 9, 9]);
  assert.deepEqual(stroke(samples, { index: 4, value: 5 }, { index: 4, value: 7 }), [4, 4]);
  assert.equal(samples[4], 7); // where the pen is now
});

Deno.test("paths have a point for each value, and one for a single sample", () => {
  assert.equal(linePath([0, 2.5, -2.5, 0], BOX), "M80.0 100.0L240.0 5.0L400.0 195.0L560.0 100.0");
  assert.equal(linePath([0], BOX), "M0 100.0H640.0");
  const isOdd = (/** @type {number} */ i) => i % 2 === 1;
  assert.equal(stemsPath([0, 2.5, 0, -2.5], isOdd, BOX), "M240.0 100.0V5.0M560.0 100.0V195.0");
  assert.equal(dotsPath([0, 2.5], isOdd, BOX), "M480.0 5.0h0");
});
