import assert from "node:assert/strict";
import {
  orientationSwitches,
  pressedState,
  scaleSwitches,
  switched,
} from "../../cartoonx_widgets/widgets/sparsity_lab/page/band_buttons.js";
import { inPercent, written } from "../../cartoonx_widgets/widgets/sparsity_lab/page/energies.js";
import { translator } from "../../cartoonx_widgets/widgets/shared/page/texts.js";

const t = translator({});
const NESTED = [
  { name: "lowpass", scale: 2, orientation: "lowpass" },
  ...[2, 1].flatMap((scale) =>
    ["horizontal", "vertical", "diagonal"].map((orientation) => ({ name: orientation[0] + scale, scale, orientation }))
  ),
];
const DIRECTIONAL = [
  { name: "lowpass", scale: 1, orientation: "lowpass" },
  ...["+45°", "-45°", "0°", "90°"].map((orientation) => ({ name: `1 ${orientation}`, scale: 1, orientation })),
];

Deno.test("each band is in the buttons of its scale and of its orientation; the lowpass has a button of its own", () => {
  const scales = scaleSwitches(t, NESTED);
  assert.deepEqual(scales.map(({ text }) => text), ["low", "2", "1"]);
  assert.deepEqual(scales.flatMap(({ names }) => names).sort(), NESTED.map(({ name }) => name).sort());
  assert.deepEqual(scales[1].names, ["h2", "v2", "d2"]);
  const orientations = orientationSwitches(t, NESTED);
  assert.deepEqual(orientations.map(({ text }) => text), ["horizontal", "vertical", "diagonal"]);
  assert.deepEqual(orientations[2].names, ["d2", "d1"]);
});

Deno.test("angles stand in their order, with a minus that is as wide as a plus", () => {
  const orientations = orientationSwitches(t, DIRECTIONAL);
  assert.deepEqual(orientations.map(({ text }) => text), ["−45°", "0°", "+45°", "90°"]);
  assert.deepEqual(orientations[0].names, ["1 -45°"]);
});

Deno.test("a press on what is on in part switches it on, a second one off, a third one on again", () => {
  const names = ["h1", "v1"];
  const first = switched(new Set(["d1", "h1"]), names);
  assert.deepEqual(first, ["d1"]);
  const second = switched(new Set(first), names);
  assert.deepEqual(second, ["d1", "h1", "v1"]);
  assert.deepEqual(switched(new Set(second), names), ["d1"]);
});

Deno.test("a button is pressed where all of its bands are on, mixed where some are", () => {
  assert.equal(pressedState(new Set(), ["h1", "v1"]), "true");
  assert.equal(pressedState(new Set(["d1"]), ["h1", "v1"]), "true");
  assert.equal(pressedState(new Set(["h1"]), ["h1", "v1"]), "mixed");
  assert.equal(pressedState(new Set(["h1", "v1"]), ["h1", "v1"]), "false");
});

Deno.test("shares of the energy are 100 per cent together, and 0 where there is none", () => {
  assert.deepEqual(inPercent([3, 1, 0]), [75, 25, 0]);
  assert.deepEqual(inPercent([0, 0]), [0, 0]);
});

Deno.test("a share is written with two digits; what is but rounding is 0", () => {
  assert.deepEqual([100, 12.34, 0.00123, 1e-7, 0].map(written), ["100 %", "12 %", "0.0012 %", "0 %", "0 %"]);
});
