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
export const outcome = (t, summary) => [ofCartoon(t, summary), ofRest(t, summary)].filter(Boolean).join("; ");

/** @param {Translator} t @param {Summary} summary */
function ofRest(t, { label, rest }) {
  if (!rest) return "";
  const { needed, ...figures } = { label, ...rest };
  if (!needed) return t("without them: still {label}, {after}", figures);
  return figures.first === null
    ? t("without them: {label} {after}", figures)
    : t("without them: {first}, {probability} ({label} {after})", figures);
}

/** @param {Translator} t @param {Summary} summary */
function ofCartoon(t, { kept, rest: _, ...figures }) {
  if (kept) return t("{label} is kept: {before} → {after} with {share} of the coefficients", figures);
  // Of labels that are each true or not, none is first.
  return figures.first === null
    ? t("{label} is not kept: {before} → {after} with {share} of the coefficients", figures)
    : t(
      "{label} is not kept: {before} → {after} with {share} of the coefficients; the cartoon is {first} ({probability})",
      figures,
    );
}
