// What a method is called in the reader's language, and how its values are described, by whose they are.

import { phrase } from "../../shared/page/texts.js";

/** @import { Translator } from "../../shared/page/types.d.ts" */

/**
 * A method as the kernel lists it, in the reader's language; a name that a user gave has no translation, and stays.
 * @param {Translator} t
 * @param {string} name
 * @returns {string}
 */
export function methodName(t, name) {
  const [, own] = name.match(/^(.*) \(yours\)$/) ?? [];
  if (own) return t("{method} (yours)", { method: methodName(t, own) });
  const [, preset] = name.match(/^(.*), changed$/) ?? [];
  if (preset) return t("{method}, changed", { method: methodName(t, preset) });
  return t(name);
}

/**
 * How the values of a method are described, by whose they are: known by how the kernel lists the method. Whole sentences for
 * each: languages decline "your" and "the paper's".
 *
 * @typedef {object} Words
 * @property {RegExp} known
 * @property {string} value
 * @property {string} sliderAndValue
 * @property {string} back
 * @property {string} reset
 * @property {string} again
 * @property {string} oneDiffers
 * @property {string} someDiffer
 */

/** @type {Words[]} */
const WORDS = [
  {
    known: /\(yours\)$/,
    value: phrase("Yours {value}."),
    sliderAndValue: phrase("Slider {low} to {high}; yours {value}."),
    back: phrase("Back to your {value}"),
    reset: phrase("Reset to your values"),
    again: phrase("{method} with your values; the run begins again"),
    oneDiffers: phrase("All settings of the method; {count} differs from your values"),
    someDiffer: phrase("All settings of the method; {count} differ from your values"),
  },
  {
    known: /interactive|Smooth/,
    value: phrase("Preset {value}."),
    sliderAndValue: phrase("Slider {low} to {high}; preset {value}."),
    back: phrase("Back to the preset's {value}"),
    reset: phrase("Reset to the preset's values"),
    again: phrase("{method} with the preset's values; the run begins again"),
    oneDiffers: phrase("All settings of the method; {count} differs from the preset's values"),
    someDiffer: phrase("All settings of the method; {count} differ from the preset's values"),
  },
  {
    known: /.*/,
    value: phrase("Paper {value}."),
    sliderAndValue: phrase("Slider {low} to {high}; paper {value}."),
    back: phrase("Back to the paper's {value}"),
    reset: phrase("Reset to the paper's values"),
    again: phrase("{method} with the paper's values; the run begins again"),
    oneDiffers: phrase("All settings of the method; {count} differs from the paper's values"),
    someDiffer: phrase("All settings of the method; {count} differ from the paper's values"),
  },
];

/**
 * The words for a method, as the kernel lists it.
 * @param {string} name
 */
export const wordsFor = (name) => WORDS.find(({ known }) => known.test(name)) ?? WORDS[WORDS.length - 1];
