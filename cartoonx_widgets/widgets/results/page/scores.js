// How scores are called and how their figures are written, by what the kernel sends of each.

import { h } from "../../shared/page/dom.js";
import { grouped } from "../../shared/page/format.js";

/** @import { Translator } from "../../shared/page/types.d.ts" */
/** @import { ShownScore } from "../../shared/page/messages.d.ts" */

/**
 * The scores that photographs are ranked by.
 * @typedef {{ scores: Record<string, ShownScore> }} Scored
 */

/** @param {Scored} scored */
export const cpScores = ({ scores }) => Object.keys(scores).filter((name) => name.startsWith("cp_"));

/**
 * @param {Translator} t
 * @param {Scored} scored
 * @param {string} name
 */
export const scoreLabel = (t, { scores }, name) => (scores[name] ? t(scores[name].label) : name);

/**
 * @param {Translator} t
 * @param {Scored} scored
 * @param {string} name
 */
export const scoreAbout = (t, { scores }, name) => (scores[name] ? t(scores[name].about) : "");

/**
 * Which way is better: 1 where larger is, -1 where smaller is.
 * @param {Scored} scored
 * @param {string} name
 */
export const direction = ({ scores }, name) => (scores[name].better === "more" ? 1 : -1);

/**
 * The same as an arrow with a text for screen readers.
 * @param {Translator} t
 * @param {Scored} scored
 * @param {string} name
 */
export function betterArrow(t, scored, name) {
  const better = direction(scored, name);
  const description = better > 0 ? t("larger is better") : t("smaller is better");
  return h(
    "span",
    { class: "cx-arrow", role: "img", "aria-label": description, title: description },
    better > 0 ? "↑" : "↓",
  );
}

/**
 * A score's value with three digits, a dash where it has none.
 * @param {Scored} scored
 * @param {string} name
 * @param {number} value
 */
export function formatted({ scores }, name, value) {
  if (!Number.isFinite(value)) return "–";
  return scores[name]?.form === "share" ? `${threeDigits(100 * value)} %` : threeDigits(value);
}

/** @param {number} value */
function threeDigits(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) return value.toExponential(1);
  return size < 999.5 ? String(Number(value.toPrecision(3))) : grouped(Math.round(value));
}
