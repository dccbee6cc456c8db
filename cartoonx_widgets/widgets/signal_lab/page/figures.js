// The figures of an approximation, in words.

/**
 * @import { Analysis } from "./messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * A share in per cent with a decimal; what is not all, or not nothing, is not rounded to it.
 * @param {number} share
 */
export function exactPercent(share) {
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  if (share < 1 && share >= 0.9995) return "> 99.9 %";
  return `${(100 * share).toFixed(share === 0 || share === 1 ? 0 : 1)} %`;
}

/**
 * @param {Translator} t
 * @param {Pick<Analysis, "k" | "n" | "nonzero" | "energy_kept" | "relative_error" | "snr">} figures
 */
export function summary(t, { k, n, nonzero, energy_kept, relative_error, snr }) {
  if (energy_kept === null || relative_error === null) return t("All samples are 0: draw a line, or drag a stem.");
  const parts = [
    t("{k} of {n} coefficients keep {share} of the energy", { k, n, share: exactPercent(energy_kept) }),
    t("error {share}", { share: exactPercent(relative_error) }),
    snr === null ? "" : `${snr.toFixed(1)} dB`,
    t("not 0: {count}", { count: nonzero }),
  ];
  return parts.filter(Boolean).join(" · ");
}
