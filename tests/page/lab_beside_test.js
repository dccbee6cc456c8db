import assert from "node:assert/strict";
import { comparison, differences } from "../../cartoonx_widgets/widgets/sparsity_lab/page/beside.js";
import { translator } from "../../cartoonx_widgets/widgets/shared/page/texts.js";

const t = translator({});

/** @type {import("../../cartoonx_widgets/widgets/sparsity_lab/page/beside.js").Shown} */
const SHOWN = {
  photograph: "camera",
  representation: "db3",
  levels: 5,
  k: 3277,
  off: [],
  psnr: 28.14,
  denoised: null,
};
const denoised = { sigma: 0.1, kind: /** @type {const} */ ("soft"), threshold: null, by_scale: [null, null] };

/** @param {Partial<typeof SHOWN>} changed */
const settings = (changed) => differences(t, SHOWN, { ...SHOWN, ...changed });

Deno.test("each setting that differs is named with both values, and no other", () => {
  assert.deepEqual(settings({}), []);
  assert.deepEqual(settings({ psnr: 3 }), []);
  assert.deepEqual(settings({ representation: "haar", levels: 2 }), [
    { setting: "representation", one: "db3", other: "haar" },
    { setting: "levels", one: "5", other: "2" },
  ]);
  assert.deepEqual(settings({ off: ["d1", "h1"] }), [{ setting: "bands off", one: "–", other: "d1 h1" }]);
  assert.deepEqual(settings({ photograph: "a <b>cup" })[0].other, "a <b>cup");
});

Deno.test("thresholds differ by kind, by size and by scale", () => {
  const own = { ...SHOWN, denoised: { ...denoised, psnr: { representation: 27 } } };
  /** @param {object} changed */
  const thresholds = (changed) =>
    differences(t, own, { ...own, denoised: { ...own.denoised, ...changed } }).map(({ one, other }) => [one, other]);
  assert.deepEqual(thresholds({}), []);
  assert.deepEqual(thresholds({ kind: "hard" }), [["soft universal", "hard universal"]]);
  assert.deepEqual(thresholds({ threshold: 3 }), [["soft universal", "soft 3.00 σ"]]);
  assert.deepEqual(thresholds({ by_scale: [null, 4] }), [["soft universal", "soft universal scale 2 4.00 σ"]]);
  assert.deepEqual(thresholds({ sigma: 0.2 }), [["0.10", "0.20"]]);
});

Deno.test("the sentence has both PSNR, an infinite one too, and those of what both denoise", () => {
  assert.equal(comparison(t, SHOWN, SHOWN), "Both have the same settings. PSNR 28.1 dB beside 28.1 dB.");
  assert.equal(
    comparison(t, SHOWN, { ...SHOWN, k: 65536, psnr: null }),
    "They differ in k (3\u202f277 beside 65\u202f536). PSNR 28.1 dB beside ∞ dB.",
  );
  const one = { ...SHOWN, denoised: { ...denoised, psnr: { representation: 27 } } };
  const other = {
    ...SHOWN,
    denoised: { ...denoised, kind: /** @type {const} */ ("hard"), psnr: { representation: 26.5 } },
  };
  assert.match(comparison(t, one, other), /^They differ in threshold \(.*\)\. .* Denoised 27\.0 dB beside 26\.5 dB\.$/);
  assert.doesNotMatch(comparison(t, one, SHOWN), /Denoised/);
});
