// Scale profiles: what their shares are of, and where scales stand on an axis of periods, the coarsest on the left.

import { h } from "./dom.js";
import { phrase } from "./texts.js";

/** @import { Translator } from "./types.d.ts" */

/** @typedef {"mask" | "energy"} Measure */

/** @type {Record<Measure, string>} */
export const MEASURES = { mask: phrase("mask"), energy: phrase("energy") };

/**
 * A list to choose from what the shares are of.
 * @param {Translator} t
 * @param {(measure: Measure) => void} choose
 */
export function measureChoice(t, choose) {
  const choice = h(
    "select",
    {
      "aria-label": t("Shares of the scale profile"),
      title: t("What the shares are of"),
      onchange: () => choose(/** @type {Measure} */ (choice.value)),
    },
    ...Object.entries(MEASURES).map(([value, text]) => h("option", { value }, t(text))),
  );
  return choice;
}

/**
 * The shortest period that each of some scales resolves, in pixels, the coarsest first: of two scales 8, 4 and 2, where
 * the first one is the lowpass.
 * @param {number} count of the scales, lowpass included
 */
export const shortestPeriods = (count) => Array.from({ length: count }, (_, i) => 2 ** (count - i));

/**
 * The periods of a scale, in pixels: "8–16", or "≥ 64" where it is the first one, the lowpass.
 * @param {number} shortest
 * @param {number} place
 */
export const periods = (shortest, place) => place ? `${shortest}–${2 * shortest}` : `≥ ${shortest}`;

/**
 * Where a scale stands: in the middle of its octave, also where it is the lowpass, which has no end.
 * @param {number} shortest period
 */
export const middle = (shortest) => shortest * Math.SQRT2;

/**
 * The ends of an axis that holds some scales, and the powers of two between them.
 * @param {number[]} shortest periods of all scales
 */
export function octaves(shortest) {
  const first = Math.round(Math.log2(Math.min(...shortest, 2)));
  const last = Math.round(Math.log2(Math.max(...shortest, 4)));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => 2 ** (first + i));
  return { ends: /** @type {[number, number]} */ ([2 ** (last + 1), 2 ** first]), ticks };
}
