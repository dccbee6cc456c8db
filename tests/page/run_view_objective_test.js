import assert from "node:assert/strict";
import { CURVES } from "../../cartoonx_widgets/widgets/run_view/page/curves.js";
import { inWords, TERMS, termsOf } from "../../cartoonx_widgets/widgets/run_view/page/objective.js";
import { translator } from "../../cartoonx_widgets/widgets/shared/page/texts.js";

const t = translator({});
const NAMES = ["distortion", "l1", "spatial_l1", "spatial_l2", "loss"];

/** @param {Record<string, number>} values */
const settings = (values) => Object.entries(values).map(([path, value]) => ({ path, value }));

/** @param {readonly string[]} curves @param {Record<string, number>} values */
const formula = (curves, values) => termsOf(curves, settings(values)).map((term) => inWords(t, term).text);

Deno.test("the objective has the penalties that a run measures and the method weighs", () => {
  assert.deepEqual(formula(NAMES, { lambda_l1: 20, lambda_spatial_l1: 0 }), ["distortion", "20 · l1"]);
  assert.deepEqual(
    formula(NAMES, { lambda_l1: 2, lambda_spatial_l1: 10, lambda_tv: 3, learning_rate: 0.2 }), // not on pixels: no tv
    ["distortion", "2 · l1", "10 · spatial l1"],
  );
  assert.deepEqual(formula(["distortion", "tv", "loss"], { lambda_tv: 0.5 }), ["distortion", "0.5 · total variation"]);
  assert.deepEqual(formula([], { lambda_l1: 20 }), []);
});

Deno.test("a budget is a bound, beside a weight or in place of it; one of 1 is none", () => {
  assert.deepEqual(formula(NAMES, { lambda_l1: 0, keep: 0.02 }), ["distortion", "l1 ≤ 2.0 %"]);
  assert.deepEqual(formula(NAMES, { lambda_l1: 5, keep: 0.5 }), ["distortion", "5 · l1", "l1 ≤ 50 %"]);
  assert.deepEqual(formula(NAMES, { lambda_l1: 5, keep: 1 }), ["distortion", "5 · l1"]);
});

Deno.test("a term is read out in words, its weight in three figures", () => {
  assert.equal(inWords(t, { name: "l1", weight: 63.0957 }).label, "63.1 times l1");
  assert.equal(inWords(t, { name: "l1", most: 0.02 }).label, "l1 at most 2.0 %");
  assert.equal(inWords(t, { name: "of a later version", weight: 1 }).text, "1 · of a later version");
});

Deno.test("every curve but the loss is told of as a term", () => {
  assert.deepEqual([...Object.keys(TERMS), "loss"].sort(), Object.keys(CURVES).sort());
});
