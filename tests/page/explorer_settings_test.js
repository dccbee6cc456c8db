import assert from "node:assert/strict";
import { inShort, isChanged, tooltip } from "../../cartoonx_widgets/widgets/explorer/page/fields.js";
import { wordsFor } from "../../cartoonx_widgets/widgets/explorer/page/method_names.js";
import { inGroups } from "../../cartoonx_widgets/widgets/explorer/page/settings.js";
import { translator } from "../../cartoonx_widgets/widgets/shared/page/texts.js";

/** @import { ShownSetting } from "../../cartoonx_widgets/widgets/explorer/page/messages.d.ts" */

const t = translator({ on: "an", off: "aus" });

/** @param {Partial<ShownSetting>} values @returns {ShownSetting} */
const setting = (values) => ({
  path: "steps",
  label: "steps",
  symbol: "",
  kind: "number",
  low: 0,
  high: 5,
  choices: [],
  about: "How many.",
  steerable: false,
  prominent: false,
  value: 2,
  preset: 2,
  ...values,
});

Deno.test("a setting is changed where it is not the preset's, and the preset has it", () => {
  assert.deepEqual([2, 3].map((value) => isChanged({ value, preset: 2 })), [false, true]);
  assert.equal(isChanged({ value: false, preset: true }), true);
  assert.equal(isChanged({ value: 3, preset: null }), false);
});

Deno.test("a value is written in the reader's language, a number as it is", () => {
  assert.deepEqual([true, false, "db3", 0.5, 0].map((value) => inShort(t, value)), ["an", "aus", "db3", "0.5", "0"]);
});

Deno.test("a tooltip says what a setting is, whose value it has, and when it holds", () => {
  const words = wordsFor("CartoonX");
  assert.equal(
    tooltip(t, setting({}), words),
    "How many. Slider 0 to 5; paper 2. Begins the run again.",
  );
  assert.equal(
    tooltip(t, setting({ preset: null, steerable: true }), words),
    "How many. Slider 0 to 5. Holds from the next step on.",
  );
  assert.equal(
    tooltip(t, setting({ kind: "switch", preset: true }), words),
    "How many. Paper an. Begins the run again.",
  );
  assert.equal(tooltip(t, setting({ kind: "switch", preset: null }), words), "How many. Begins the run again.");
});

Deno.test("each setting stands in the first group that it belongs to, in that group's order; the last takes the rest", () => {
  const paths = ["steps", "obfuscation.kind", "mask.init", "lambda_l1", "representation.wavelet", "distortion", "seed"];
  const groups = inGroups(paths.map((path) => setting({ path })));
  assert.deepEqual(groups.map((group) => group.map(({ path }) => path)), [
    ["distortion", "lambda_l1"],
    ["representation.wavelet", "mask.init"],
    ["obfuscation.kind"],
    ["steps", "seed"],
  ]);
});

Deno.test("what stands above the panels, and a choice of one thing, are in no group", () => {
  const settings = [
    setting({ prominent: true }),
    setting({ kind: "choice", choices: ["one"] }),
    setting({ kind: "choice", choices: ["one", "other"] }),
  ];
  assert.deepEqual(inGroups(settings).flat(), [settings[2]]);
});
