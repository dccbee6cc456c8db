import assert from "node:assert/strict";
import { evenlySpaced } from "../../cartoonx_widgets/widgets/results/page/distribution.js";
import { axisText, faint, methodStyle } from "../../cartoonx_widgets/widgets/results/page/method_styles.js";
import { partsOf } from "../../cartoonx_widgets/widgets/results/page/profiles.js";
import { rangesOf } from "../../cartoonx_widgets/widgets/results/page/scatter.js";
import { stepped } from "../../cartoonx_widgets/widgets/results/page/scatter_cursor.js";
import { nearest } from "../../cartoonx_widgets/widgets/results/page/scatter_marks.js";
import { middle, octaves, shortestPeriods } from "../../cartoonx_widgets/widgets/shared/page/scales.js";
import { profiles } from "./results_content.js";

Deno.test("no two of the first hundred methods look alike, nor two of the first seven by colour or shape", () => {
  const styles = Array.from({ length: 100 }, (_, place) => methodStyle(place));
  assert.equal(new Set(styles.map((style) => JSON.stringify(style))).size, 100);
  for (const part of /** @type {const} */ (["color", "symbol"])) {
    assert.equal(new Set(styles.slice(0, 7).map((style) => style[part])).size, 7);
  }
});

Deno.test("less ink is the same colour with a second hexadecimal place for its opacity", () => {
  assert.equal(faint("#0072b2", 1), "#0072b2ff");
  assert.equal(faint("#0072b2", 0), "#0072b200");
  assert.equal(faint("#0072b2", 0.02), "#0072b205");
});

Deno.test("a text on an axis is cut first and escaped then", () => {
  assert.equal(axisText("a < b & c", 20), "a &lt; b &amp; c");
  assert.equal(axisText("<b>bold</b>", 4), "&lt;b&gt;…");
  assert.equal(axisText("four", 4), "four");
});

Deno.test("the ranges hold all marks, with room around them", () => {
  const [logs, ys] = [[-1, 2, 0.5], [0, 0.4, 0.1]];
  const [[left, right], [bottom, top]] = rangesOf(logs, ys);
  assert.ok(logs.every((x) => left < x && x < right));
  assert.ok(ys.every((y) => bottom < y && y < top));
});

Deno.test("one mark alone, marks at 0 and no mark at all have ranges, too", () => {
  assert.deepEqual(rangesOf([3], [0]), [[2.5, 3.5], [-0.02, 1.04]]);
  const [[left, right], [bottom, top]] = rangesOf([], []);
  assert.ok(left < right && bottom < top);
});

Deno.test("the cursor goes along the order, stops at its ends, and begins at the first record", () => {
  const order = [7, 3, 5, 1];
  assert.equal(stepped(order, 3, 1), 5);
  assert.equal(stepped(order, 3, -1), 7);
  assert.equal(stepped(order, 7, -1), 7);
  assert.equal(stepped(order, 3, 25), 1);
  assert.equal(stepped(order, null, -1), 7);
  assert.equal(stepped(order, null, 25), 7);
});

Deno.test("the nearest mark within reach is met, the last drawn of those in the same place", () => {
  const marks = [{ record: 0, x: 0, y: 0 }, { record: 1, x: 10, y: 0 }, { record: 2, x: 10, y: 0 }];
  assert.equal(nearest(marks, 1, 1)?.record, 0);
  assert.equal(nearest(marks, 9, 1)?.record, 2);
  assert.equal(nearest(marks, 40, 0), undefined);
  assert.equal(nearest([], 0, 0), undefined);
});

Deno.test("evenly spaced items run from the first to the last without one twice", () => {
  const items = Array.from({ length: 1000 }, (_, i) => i);
  const found = evenlySpaced(items, 120);
  assert.equal(found.length, 120);
  assert.equal(new Set(found).size, 120);
  assert.deepEqual([found[0], found.at(-1)], [0, 999]);
  const gaps = found.slice(1).map((item, k) => item - found[k]);
  assert.ok(Math.max(...gaps) - Math.min(...gaps) <= 1);
});

Deno.test("few items are taken as they are", () => {
  assert.deepEqual(evenlySpaced(["a", "b"], 120), ["a", "b"]);
  assert.deepEqual(evenlySpaced(["a"], 120), ["a"]);
  assert.deepEqual(evenlySpaced([], 120), []);
});

Deno.test("right and wrong decisions are drawn apart where some method knows of them", () => {
  assert.deepEqual(partsOf([profiles([1], 0, 0), profiles([0.5, 0.5], 0, 1)]), ["right", "wrong"]);
  const unknown = { ...profiles([0.5, 0.5], 0, 0), all: { count: 2, mask: [0.5, 0.5], energy: [1, 0] } };
  assert.deepEqual(partsOf([unknown]), ["all"]);
  assert.deepEqual(partsOf([]), ["all"]);
});

Deno.test("a scale stands in the middle of its octave, the lowpass beyond all others, within the ends", () => {
  const periods = shortestPeriods(4);
  assert.deepEqual(periods, [16, 8, 4, 2]);
  const { ends: [coarsest, finest], ticks } = octaves([...periods, ...shortestPeriods(2)]);
  assert.deepEqual([coarsest, finest], [32, 2]);
  assert.deepEqual(ticks, [2, 4, 8, 16]);
  periods.forEach((period) => {
    assert.ok(Math.abs(Math.log2(middle(period)) - Math.log2(period) - 0.5) < 1e-12);
    assert.ok(finest < middle(period) && middle(period) < coarsest);
  });
});
