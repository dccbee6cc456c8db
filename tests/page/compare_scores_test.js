import assert from "node:assert/strict";
import { progress } from "../../cartoonx_widgets/widgets/compare/page/controls.js";
import { order, sortedNext } from "../../cartoonx_widgets/widgets/compare/page/score_table.js";
import { written } from "../../cartoonx_widgets/widgets/compare/page/styles.js";

/** @import { ShownScore } from "../../cartoonx_widgets/widgets/shared/page/messages.d.ts" */

const methods = ["Pixel RDE", "CartoonX", "ShearletX", "Grad-CAM", "attention"].map((label) => ({ label }));
const rows = new Map([
  [0, { cp_l1: 2, seconds: 1 }],
  [1, { cp_l1: 5, seconds: 1 }],
  [2, { cp_l1: null, seconds: 1 }],
  [4, { cp_l1: 0, seconds: 1 }],
]);

Deno.test("without a column the methods stand as they were given", () => {
  assert.deepEqual(order(methods, rows, { key: null, down: true }), [0, 1, 2, 3, 4]);
});

Deno.test("a column sorts both ways; what has no value, or no row yet, stands last", () => {
  assert.deepEqual(order(methods, rows, { key: "cp_l1", down: true }), [1, 0, 4, 2, 3]);
  assert.deepEqual(order(methods, rows, { key: "cp_l1", down: false }), [4, 0, 1, 2, 3]);
});

Deno.test("equal values stand as the methods were given, both ways", () => {
  assert.deepEqual(order(methods, rows, { key: "seconds", down: true }), [0, 1, 2, 4, 3]);
  assert.deepEqual(order(methods, rows, { key: "seconds", down: false }), [0, 1, 2, 4, 3]);
});

Deno.test("names sort by the alphabet, capitals or not", () => {
  const names = (/** @type {boolean} */ down) =>
    order(methods, rows, { key: "method", down }).map((index) => methods[index].label);
  assert.deepEqual(names(false), ["attention", "CartoonX", "Grad-CAM", "Pixel RDE", "ShearletX"]);
  assert.deepEqual(names(true), names(false).reverse());
});

Deno.test("a heading sorts by the better end first, by the other one when it is pressed again", () => {
  const begun = { key: null, down: true };
  const more = sortedNext(begun, { name: "cp_l1", better: "more" });
  assert.deepEqual(more, { key: "cp_l1", down: true });
  assert.deepEqual(sortedNext(more, { name: "cp_l1", better: "more" }), { key: "cp_l1", down: false });
  assert.deepEqual(sortedNext(more, { name: "seconds", better: "less" }), { key: "seconds", down: false });
  assert.deepEqual(sortedNext(more, { name: "method", better: "" }), { key: "method", down: false });
});

const WRITTEN = [
  [null, "number", "–"],
  [0.0312, "share", "3.1 %"],
  [123.4, "number", "123"],
  [999.4, "number", "999"],
  [1234.5, "number", "1235"],
  [0.001234, "number", "0.00123"],
  [12.345, "seconds", "12.3"],
  [0, "share", "0.0 %"],
];

for (const [value, form, text] of /** @type {[number | null, ShownScore["form"], string][]} */ (WRITTEN)) {
  Deno.test(`a ${form} of ${value} is written ${text}`, () => assert.equal(written(value, form), text));
}

Deno.test("the progress of all is the mean of their shares, whatever a step costs", () => {
  assert.equal(progress([{ step: 0, steps: 1 }, { step: 300, steps: 600 }]), 0.25);
  assert.equal(progress([{ step: 2, steps: 1 }]), 1);
});
