import assert from "node:assert/strict";
import { scaleAt } from "../../cartoonx_widgets/widgets/compare/page/profile_chart.js";
import {
  logarithmicEnds,
  powersOfTen,
  roundedUp,
  verticalScale,
} from "../../cartoonx_widgets/widgets/compare/page/scales.js";

const VALUES = Array.from({ length: 400 }, (_, i) => 1.07 ** (i - 200));

Deno.test("a number is rounded up to one that divides well, by less than twice", () => {
  for (const value of VALUES) {
    const found = roundedUp(value);
    assert.ok(found >= value * (1 - 1e-9) && found <= 2 * value * (1 + 1e-9), `${value} to ${found}`);
    assert.equal(roundedUp(found), found);
    assert.match(found.toExponential(2), /^[124568]\.00e/);
  }
  assert.deepEqual([0.07, 0.1, 0.3, 1, 1.1, 3.9, 4.1, 8.1, 99].map(roundedUp), [0.08, 0.1, 0.4, 1, 2, 4, 5, 10, 100]);
});

Deno.test("logarithmic ends are powers of ten around the numbers, one to six apart", () => {
  for (const least of VALUES) {
    for (const factor of [1, 1.5, 30, 1e4]) {
      const [low, high] = logarithmicEnds(least, factor * least);
      const [first, last] = [low, high].map(Math.log10);
      assert.ok(Number.isInteger(first) && Number.isInteger(last));
      assert.ok(last - first >= 1 && last - first <= 6);
      assert.ok(low <= least && high >= factor * least * (1 - 1e-9));
    }
  }
});

Deno.test("beyond six powers of ten the small numbers are left out", () => {
  assert.deepEqual(logarithmicEnds(1e-12, 0.5), [1e-6, 1]);
});

Deno.test("powers of ten run from the first to the last", () => {
  assert.deepEqual(powersOfTen(0.01, 100), [0.01, 0.1, 1, 10, 100]);
  assert.deepEqual(powersOfTen(1, 10), [1, 10]);
});

for (const log of [false, true]) {
  Deno.test(`every value has its place on a ${log ? "logarithmic" : "linear"} scale, larger ones above smaller ones`, () => {
    const values = [0.02, 0.5, 0.03, 0.3];
    const { part, ticks } = verticalScale(values, log);
    const parts = [...values].sort((a, b) => a - b).map(part);
    assert.ok(parts.every((place, i) => place >= 0 && place <= 1 && (i === 0 || place > parts[i - 1])));
    assert.deepEqual([part(ticks[0]), part(ticks[ticks.length - 1])].map((place) => place.toFixed(9)), [
      "0.000000000",
      "1.000000000",
    ]);
  });

  Deno.test(`a ${log ? "logarithmic" : "linear"} scale of nothing, of 0 and of what is no number has ends all the same`, () => {
    for (const values of [[], [0], [NaN, Infinity], [0, NaN, 0.25]]) {
      const { part, ticks } = verticalScale(values, log);
      assert.ok(ticks.length > 1 && ticks.every(Number.isFinite));
      assert.ok(Number.isFinite(part(0.25)));
      assert.equal(part(log ? 0 : ticks[0]), 0);
    }
  });
}

Deno.test("a period belongs to the scale that resolves it, what is longer to the lowpass", () => {
  // Of four scales: the lowpass from 16 on, then 8 to 16, 4 to 8, 2 to 4.
  assert.deepEqual([1000, 16, 15.9, 8, 4, 2].map((period) => scaleAt(period, 4)), [0, 0, 1, 1, 2, 3]);
  assert.equal(scaleAt(1.999, 4), 3); // a rounding error beyond the end
  assert.equal(scaleAt(5, 2), 0);
});
