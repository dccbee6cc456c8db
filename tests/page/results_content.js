// A small study as its page is told of it.

/** @import { IllustratedRecords } from "../../cartoonx_widgets/widgets/results/page/messages.d.ts" */

/** @param {{ buffer: ArrayBufferLike }} numbers */
export const base64 = ({ buffer }) => btoa(String.fromCharCode(...new Uint8Array(buffer)));

/**
 * The profiles of a method with as many right and wrong decisions, all with the same shares.
 * @param {number[]} shares
 * @param {number} right
 * @param {number} wrong
 */
export function profiles(shares, right, wrong) {
  const mean = (/** @type {number} */ count) => ({ count, mask: count ? shares : [], energy: count ? shares : [] });
  return { scales: shares.length, all: mean(right + wrong), right: mean(right), wrong: mean(wrong) };
}

/**
 * Four records: two photographs by two methods; the last one failed.
 * @param {Partial<IllustratedRecords>} changes
 * @returns {IllustratedRecords}
 */
export const content = (changes = {}) => ({
  name: "study",
  classifier: "classifier",
  made: 0,
  count: 4,
  expected: null,
  photographs: ["astronaut", "coffee"],
  methods: ["CartoonX", "ShearletX"],
  classes: ["suit", "espresso", "cup"],
  seeds: ["0"],
  scores: {
    cp_l1: { name: "cp_l1", label: "CP-l1", about: "", better: "more", form: "number", log: true },
    hallucination: {
      name: "hallucination",
      label: "Hallucination",
      about: "",
      better: "less",
      form: "share",
      log: false,
    },
  },
  shown: 9,
  columns: {
    photograph: base64(Uint32Array.of(0, 0, 1, 1)),
    method: base64(Uint32Array.of(1, 0, 0, 1)),
    seed: base64(Uint32Array.of(0, 0, 0, 0)),
    label: base64(Uint32Array.of(0, 0, 1, 1)),
    cartoon_label: base64(Uint32Array.of(0, 0, 2, 1)),
    state: base64(Uint8Array.of(1, 1, 2, 4)),
  },
  numbers: {
    cp_l1: base64(Float32Array.of(2, 3, 2, NaN)),
    hallucination: base64(Float32Array.of(0.5, NaN, 0.25, NaN)),
  },
  profiles: [profiles([0.25, 0.75], 1, 1), profiles([1], 1, 0)],
  errors: { count: 1, kinds: 1, listed: [[1, [1], "out of memory"]] },
  pictures: { photographs: { 0: "AAAA" }, cartoons: { 1: "BBBB" } },
  ...changes,
});
