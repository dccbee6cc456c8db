// Which scales and orientations carry the energy: bars on a logarithmic axis; a click switches a band off or on.

import { bandName } from "../../run_view/page/bands.js";
import { SharePanel } from "../../run_view/page/shares.js";
import { percent } from "../../shared/page/format.js";

const LEAST_ENERGY = 1e-6; // percent; what has less has nothing but rounding

/** @import { Setup } from "./messages.d.ts" */

export class EnergyPanel extends SharePanel {
  /** @type {number[]} */
  energies = []; // of each band
  /** @type {number[]} */
  shares = []; // of the whole energy, in per cent

  /** @param {Setup} setup */
  set(setup) {
    super.set(setup);
    const { t } = this;
    this.energies = setup.energies;
    this.shares = inPercent(setup.energies);
    this.heading.textContent = t("Energy of each band");
    this.heading.title = [
      t("Share of the squared coefficients, on a logarithmic axis; scale 1 is the finest."),
      setup.bands.length > 1 ? t("Click a bar to switch its band off or on.") : "",
    ].join(" ");
  }

  /**
   * @param {number[] | null} kept the energy that is kept of each band, where it is known
   * @param {string[]} off names of the bands that are off
   */
  updateKept(kept, off) {
    const { t } = this;
    const isOff = this.bands.map(({ name }) => off.includes(name));
    /** @param {number} i */
    const describe = (i) => {
      const share = written(this.shares[i]);
      if (isOff[i]) return t("{share} of the energy, switched off", { share });
      if (!kept) return t("{share} of the energy", { share });
      return t("{share} of the energy, {part} of it kept", { share, part: percent(kept[i] / (this.energies[i] || 1)) });
    };
    this.traces = this.traces.map((trace) =>
      trace.type !== "bar" ? trace : {
        ...trace,
        y: trace.customdata.map((/** @type {number} */ i) => (this.shares[i] > LEAST_ENERGY ? this.shares[i] : null)),
        text: trace.customdata.map((/** @type {number} */ i, /** @type {number} */ k) =>
          `${trace.names[k]}: ${describe(i)}`
        ),
        marker: { ...trace.marker, opacity: trace.customdata.map((/** @type {number} */ i) => (isOff[i] ? 0.2 : 1)) },
      }
    );
    const text = this.bands.map((band, i) => `${bandName(t, band)} ${describe(i)}`).join("; ");
    this.describe(t("Energy of each band: {shares}.", { shares: text }));
    return this.draw();
  }

  /** @param {Parameters<SharePanel["compose"]>[0]} axis */
  compose(axis) {
    const layout = super.compose(axis);
    const seen = this.shares.filter((share) => share > LEAST_ENERGY);
    const least = Math.floor(Math.log10(Math.min(...seen, 1)) - 0.2);
    layout.yaxis = {
      ...layout.yaxis,
      type: "log",
      range: [least, 2.1],
      tickformat: undefined,
      tickvals: [-6, -4, -2, 0, 2].map((power) => 10 ** power),
      ticktext: ["10⁻⁶ %", "10⁻⁴ %", "0.01 %", "1 %", "100 %"],
    };
    return { ...layout, margin: { ...layout.margin, l: 50 } };
  }
}

/**
 * The energy of each band over that of all.
 * @param {number[]} energies
 */
export function inPercent(energies) {
  const total = energies.reduce((sum, energy) => sum + energy, 0) || 1;
  return energies.map((energy) => (100 * energy) / total);
}

/**
 * A share that is given in per cent, in words.
 * @param {number} share
 */
export const written = (share) => (share > LEAST_ENERGY ? `${Number(share.toPrecision(2))} %` : "0 %");
