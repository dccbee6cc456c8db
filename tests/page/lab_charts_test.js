import assert from "node:assert/strict";
import { logarithmicValues, shareKept } from "../../cartoonx_widgets/widgets/shared/page/keep_control.js";
import { fitted, magnitudeAxis } from "../../cartoonx_widgets/widgets/sparsity_lab/page/charts.js";
import { hoverText } from "../../cartoonx_widgets/widgets/sparsity_lab/page/lines.js";

Deno.test("the axis of magnitudes ends just above the largest, five decades higher than it begins", () => {
  for (const largest of [1e-3, 0.02, 1, 7, 250]) {
    const { range: [low, high] } = magnitudeAxis([largest / 3, null, largest, 0]);
    assert.equal(high - low, 5);
    assert.ok(high >= Math.log10(largest) && high < Math.log10(largest) + 0.5);
  }
});

Deno.test("magnitudes that are all 0, or none, have an axis all the same", () => {
  for (const magnitudes of [[], [0, 0], [null]]) assert.ok(magnitudeAxis(magnitudes).range.every(Number.isFinite));
});

Deno.test("a fitted line is the power law at both of its ends", () => {
  assert.deepEqual(fitted("cosine", { rate: 2, scale: 100, first: 1, last: 10 }), [
    { key: "cosine", x: [1, 10], y: [100, 1] },
  ]);
});

Deno.test("where there was too little to fit, there is no line", () => {
  assert.deepEqual(fitted("pixels", { rate: null, scale: null, first: 1, last: 1 }), []);
});

Deno.test("the slider runs from none over each small number to all, each larger than the one before", () => {
  for (const n of [1, 2, 64, 50_176, 3_000_000]) {
    const values = logarithmicValues(n);
    assert.deepEqual([values[0], values[1], values.at(-1)], [0, 1, n]);
    assert.ok(values.slice(1).every((k, i) => Number.isInteger(k) && k > values[i]));
    assert.ok(values.length <= 301);
  }
  assert.deepEqual(logarithmicValues(100).slice(0, 6), [0, 1, 2, 3, 4, 5]);
});

Deno.test("what little is kept is not said to be nothing", () => {
  assert.deepEqual([0, 1e-6, 0.0009, 0.001, 0.5, 1].map(shareKept), [
    "0 %",
    "< 0.1 %",
    "< 0.1 %",
    "0.1 %",
    "50 %",
    "100 %",
  ]);
});

Deno.test("neither tags nor places for values in a name reach Plotly", () => {
  assert.equal(hoverText("<b>%{x}</b> & more"), "&lt;b&gt;% {x}&lt;/b&gt; &amp; more");
});
