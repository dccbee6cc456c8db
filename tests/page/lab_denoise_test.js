import assert from "node:assert/strict";
import {
  inDeviations,
  isUniversal,
  quality,
  scalesOf,
  withOne,
} from "../../cartoonx_widgets/widgets/sparsity_lab/page/denoise.js";

Deno.test("the scales that have a threshold begin with the finest; the lowpass and pixels have none", () => {
  const bands = [
    { scale: 2, orientation: "lowpass" },
    { scale: 2, orientation: "vertical" },
    { scale: 1, orientation: "+45°" },
    { scale: 1, orientation: "0°" },
  ];
  assert.deepEqual(scalesOf(bands), [1, 2]);
  assert.deepEqual(scalesOf([{ scale: 1, orientation: "pixels" }]), []);
});

Deno.test("another threshold of one scale leaves the list as it was", () => {
  const before = [null, 2, null];
  assert.deepEqual(withOne(before, 0, 3), [3, 2, null]);
  assert.deepEqual(withOne(before, 1, null), [null, null, null]);
  assert.deepEqual(before, [null, 2, null]);
});

Deno.test("the universal threshold holds where no scale has another one", () => {
  /** @type {"soft"} */
  const kind = "soft";
  assert.ok(isUniversal({ sigma: 0.1, kind, threshold: null, by_scale: [null, null] }));
  assert.ok(!isUniversal({ sigma: 0.1, kind, threshold: 3, by_scale: [null, null] }));
  assert.ok(!isUniversal({ sigma: 0.1, kind, threshold: null, by_scale: [null, 0] }));
});

Deno.test("figures are written with their units; SSIM once it is known", () => {
  assert.equal(inDeviations(4.7096), "4.71 σ");
  assert.equal(quality(24.56), "24.6 dB");
  assert.equal(quality(null), "∞ dB");
  assert.equal(quality(24.56, 0.98765), "24.6 dB · SSIM 0.988");
});
