import assert from "node:assert/strict";
import { nearest, RecordedRun } from "../../cartoonx_widgets/widgets/replay/page/recorded_run.js";

/**
 * @import { ReplayContent } from "../../cartoonx_widgets/widgets/replay/page/messages.d.ts"
 * @import { Band } from "../../cartoonx_widgets/widgets/run_view/page/messages.d.ts"
 */

const CELLS = 6;

/** @type {Band} */
const BAND = {
  name: "",
  scale: 1,
  orientation: "diagonal",
  angle: null,
  complex: false,
  entries: [2, 2],
  row: 0,
  column: 0,
  rows: 2,
  columns: 2,
  start: 0,
};

/** @param {Uint8Array<ArrayBuffer>} data */
async function packed(data) {
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream("deflate"));
  return btoa(String.fromCharCode(...new Uint8Array(await new Response(stream).arrayBuffer())));
}

/**
 * Masks as `recording/deltas.py` packs them: the first, then each minus the one before, modulo 256.
 * @param {Uint8Array[]} masks
 */
const group = (masks) =>
  packed(Uint8Array.from(masks.flatMap((mask, f) => [...mask].map((level, i) => level - (masks[f - 1]?.[i] ?? 0)))));

/** @param {number[]} values */
const bfloat16 = (values) =>
  packed(new Uint8Array(Uint16Array.from(new Uint32Array(Float32Array.from(values).buffer), (v) => v >> 16).buffer));

/** Levels that go up and down, over the end of a byte too. */
const MASKS = Array.from(
  { length: 50 },
  (_, frame) => Uint8Array.from({ length: CELLS }, (_, cell) => (251 * frame * frame + 97 * cell) % 256),
);

/** @param {Partial<ReplayContent>} changes */
async function content(changes = {}) {
  /** @type {ReplayContent} */
  const whole = {
    scene: {
      photograph: "coffee",
      size: [2, 3],
      target: { index: 0, label: "espresso", probability: 0.9 },
      bands: [{ ...BAND, name: "lowpass", rows: 1 }, { ...BAND, name: "d1", start: 2 }],
      directional: false,
      scales: [{ name: "lowpass", period: [4, null] }, { name: "1", period: [2, 4] }],
      mosaic: { shape: [2, 3], factor: 1, row_ticks: [], column_ticks: [] },
      colours: ["#000000", "#ffffff"],
      curves: ["distortion"],
    },
    photograph: "data:image/png;base64,AAAA",
    scores: { steps: [], values: {} },
    coefficients: await bfloat16(Array(3 * CELLS).fill(1)),
    curves: [[0, 10], [0.5, 0.25]],
    frames: MASKS.map((_, step) => ({
      step,
      steps: 50,
      share: 0.5,
      probability: 0.9,
      probability_rest: 0.1,
      rest_step: step,
      profile: { mask: [0.5, 0.5], energy: [0.9, 0.1] },
      probabilities: [],
      cartoon: `data:image/webp;base64,${step}`,
      rest: `data:image/webp;base64,rest${step}`,
    })),
    group: 8,
    groups: await Promise.all([0, 8, 16, 24, 32, 40, 48].map((first) => group(MASKS.slice(first, first + 8)))),
    parts: [{ step: 0, bands: ["a0", "a1"] }, { step: 30, bands: ["b0", "b1"] }],
    outcome: {
      kept: true,
      label: "espresso",
      before: "0.90",
      after: "0.90",
      share: "5 %",
      first: null,
      probability: "",
      rest: null,
    },
    warning: "",
    penalty_weights: [],
    details: "CartoonX",
  };
  return { ...whole, ...changes };
}

Deno.test("every mask comes back as it was packed, in whichever order it is looked at", async () => {
  const run = new RecordedRun(await content());
  assert.equal(run.length, 50);
  for (const index of [49, 0, 7, 8, 48, 23, 31, 39, 47, 1, 49]) {
    assert.deepEqual(await run.levels(index), MASKS[index], `frame ${index}`);
  }
});

Deno.test("frames that are looked at all at once do not mix", async () => {
  const run = new RecordedRun(await content());
  assert.deepEqual(await Promise.all(MASKS.map((_, index) => run.levels(index))), MASKS);
});

Deno.test("coefficients are the upper halves of float32", async () => {
  const values = [1, -2, 0.5, 0, 256, -0.0078125, Infinity, 3.140625, 1, 1, 1, 1];
  const run = new RecordedRun(await content({ coefficients: await bfloat16(values) }));
  assert.deepEqual([...await run.coefficients()], values);
  assert.equal(run.scene.source, "data:image/png;base64,AAAA");
});

Deno.test("a picture has its frame's figures, all curves, and the picked band as it was nearest to the step", async () => {
  const run = new RecordedRun(await content());
  const whole = await run.picture(20, null);
  assert.deepEqual([whole.source, whole.part, whole.partStep], ["data:image/webp;base64,20", null, null]);
  assert.equal(whole.message.step, 20);
  assert.deepEqual([...whole.values], [0, 10, 0.5, 0.25]);
  const alone = await run.picture(20, 1);
  assert.deepEqual([alone.part, alone.partStep, alone.message.band], ["b1", 30, 1]);
});

Deno.test("the nearest moment is the first of those as near, and there is none among none", () => {
  const moments = [0, 10, 20].map((step) => ({ step, bands: [] }));
  assert.equal(nearest(moments, 5)?.step, 0);
  assert.equal(nearest(moments, 6)?.step, 10);
  assert.equal(nearest(moments, 99)?.step, 20);
  assert.equal(nearest([], 5), null);
});

Deno.test("masks that are cut short, damaged or missing are refused, and the other groups still shown", async () => {
  const { groups } = await content();
  const run = new RecordedRun(
    await content({ groups: [groups[0], groups[1].slice(0, 8), "*", groups[3], await group(MASKS.slice(0, 7))] }),
  );
  await assert.rejects(run.levels(8), /The masks of frames 9 to 16 are damaged/);
  await assert.rejects(run.levels(16), /The masks of frames 17 to 24 are damaged: they cannot be unpacked/);
  await assert.rejects(run.levels(32), /The masks of frames 33 to 40 are damaged: not 8 of 6 cells/);
  await assert.rejects(run.levels(49), /The masks of frames 49 to 50 are missing/);
  assert.deepEqual(await run.levels(0), MASKS[0]);
  assert.deepEqual(await run.levels(31), MASKS[31]);
});

Deno.test("coefficients that are cut short or damaged are refused", async () => {
  const whole = await content();
  const open = (/** @type {string} */ coefficients) => new RecordedRun({ ...whole, coefficients }).coefficients();
  await assert.rejects(open(whole.coefficients.slice(0, 8)), /coefficients are damaged/);
  await assert.rejects(
    open(await bfloat16(Array(CELLS + 1).fill(1))),
    /coefficients are damaged: not 6 of each colour/,
  );
  await assert.rejects(open(await packed(new Uint8Array(0))), /coefficients are damaged/);
});
