import assert from "node:assert/strict";
import { bestOf } from "../../cartoonx_widgets/widgets/results/page/medians_table.js";
import { cpScores, formatted, scoreLabel } from "../../cartoonx_widgets/widgets/results/page/scores.js";

/** @param {"number" | "share"} form @returns {import("../../cartoonx_widgets/widgets/shared/page/messages.d.ts").ShownScore} */
const score = (form, label = "") => ({ name: "", label, about: "", better: "more", form, log: false });
const records = {
  scores: { cp_l1: score("number", "CP-l1"), sparsity: score("share"), share_kept: score("share") },
};
const WRITTEN = [
  ["cp_l1", 0, "0"],
  ["cp_l1", 1.23456, "1.23"],
  ["cp_l1", 0.1, "0.1"],
  ["cp_l1", 123.4, "123"],
  ["cp_l1", 999.4, "999"],
  ["cp_l1", 999.6, "1\u202f000"],
  ["cp_l1", 12345.6, "12\u202f346"],
  ["cp_l1", -1234.5, "-1\u202f234"],
  ["cp_l1", 2.5e6, "2.5e+6"],
  ["cp_l1", 0.000012, "1.2e-5"],
  ["sparsity", 0.98765, "98.8 %"],
  ["share_kept", 0, "0 %"],
  ["share_kept", 1, "100 %"],
  ["a score of another version", 0.5, "0.5"],
  ["hallucination", NaN, "–"],
  ["share_kept", Infinity, "–"],
];

for (const [name, value, text] of /** @type {[string, number, string][]} */ (WRITTEN)) {
  Deno.test(`${name} of ${value} is written ${text}`, () => assert.equal(formatted(records, name, value), text));
}

Deno.test("a score that is not known is called by its own name", () => {
  const t = (/** @type {string} */ text) => text.toUpperCase();
  assert.equal(scoreLabel(t, records, "cp_l1"), "CP-L1");
  assert.equal(scoreLabel(t, records, "other"), "other");
});

Deno.test("the CP scores are those of that name", () => {
  assert.deepEqual(cpScores(records), ["cp_l1"]);
});

Deno.test("the best is the largest or the smallest of those that are known, and nothing where one is alone", () => {
  assert.equal(bestOf([1, NaN, 3, 2], 1), 3);
  assert.equal(bestOf([1, NaN, 3, 2], -1), 1);
  assert.ok(Number.isNaN(bestOf([1, NaN], 1)));
  assert.ok(Number.isNaN(bestOf([], 1)));
});
