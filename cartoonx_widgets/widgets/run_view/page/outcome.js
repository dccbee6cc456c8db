// What a run has come to, in one sentence.

/**
 * @import { Summary } from "./messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * What a run has come to, in one sentence; `explanation.summary` has the same in Python.
 * @param {Translator} t
 * @param {Summary} summary
 */
export function outcome(t, { kept, ...figures }) {
  if (kept) return t("{label} is kept: {before} → {after} with {share} of the coefficients", figures);
  // Of labels that are each true or not, none is first.
  return figures.first === null
    ? t("{label} is not kept: {before} → {after} with {share} of the coefficients", figures)
    : t(
      "{label} is not kept: {before} → {after} with {share} of the coefficients; the cartoon is {first} ({probability})",
      figures,
    );
}
