// What each score is called, what it says, and how its figures are written.

import { h } from "../../shared/page/dom.js";
import { grouped } from "../../shared/page/format.js";
import { phrase } from "../../shared/page/texts.js";

/** @import { Translator } from "../../shared/page/types.d.ts" */

/**
 * What a score is called and what it says; `log`: drawn on a logarithmic axis, `percent`: a share.
 * @typedef {{ label: string, about: string, log?: boolean, percent?: boolean }} Score
 */

/** @type {Record<string, Score>} */
export const SCORES = {
  cp_entropy: {
    label: phrase("CP-entropy"),
    about: phrase(
      "How much of the class's probability the cartoon keeps, for how much information, measured as the entropy of the coefficients.",
    ),
    log: true,
  },
  cp_l1: {
    label: phrase("CP-l1"),
    about: phrase(
      "How much of the class's probability the cartoon keeps, for how much information, measured as the l1 norm of the coefficients.",
    ),
    log: true,
  },
  cp_l1_pixel: {
    label: phrase("CP-l1 pixel"),
    about: phrase(
      "How much of the class's probability the cartoon keeps, for how much information, measured as the l1 norm of the pixels.",
    ),
    log: true,
  },
  hallucination: {
    label: phrase("hallucination"),
    about: phrase("Share of the cartoon's edges that the photograph does not have."),
  },
  retained_probability: {
    label: phrase("retained probability"),
    about: phrase("The class's probability for the cartoon over that for the photograph."),
  },
  distortion: {
    label: phrase("distortion"),
    about: phrase(
      "How far the classifier's output is from its aim where what is not kept is noise: mean of the last steps.",
    ),
    log: true,
  },
  sparsity: {
    label: phrase("sparsity"),
    about: phrase("Share of the coefficients that are as good as deleted: mask entries of at most 0.01."),
    percent: true,
  },
  share_kept: {
    label: phrase("share kept"),
    about: phrase("Share of the coefficients that is kept: mean mask entry."),
    percent: true,
  },
  seconds: { label: phrase("seconds"), about: phrase("How long the explanation took."), log: true },
};

export const CP_SCORES = ["cp_entropy", "cp_l1", "cp_l1_pixel"];

/**
 * @param {Translator} t
 * @param {string} name
 */
export const scoreLabel = (t, name) => (SCORES[name] ? t(SCORES[name].label) : name);

/**
 * Which way is better, as an arrow that is also said.
 * @param {Translator} t
 * @param {number} better 1 where larger is
 */
export function betterArrow(t, better) {
  const said = better > 0 ? t("larger is better") : t("smaller is better");
  return h("span", { class: "cx-arrow", role: "img", "aria-label": said, title: said }, better > 0 ? "↑" : "↓");
}

/**
 * A score's value with three digits, a dash where it has none.
 * @param {string} name
 * @param {number} value
 */
export function formatted(name, value) {
  if (!Number.isFinite(value)) return "–";
  return SCORES[name]?.percent ? `${threeDigits(100 * value)} %` : threeDigits(value);
}

/** @param {number} value */
function threeDigits(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) return value.toExponential(1);
  return size < 999.5 ? String(Number(value.toPrecision(3))) : grouped(Math.round(value));
}
