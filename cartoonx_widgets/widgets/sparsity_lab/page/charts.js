// The charts over the number of coefficients: PSNR, SSIM and the sorted magnitudes, with one legend.

import { h } from "../../shared/page/dom.js";
import { phrase } from "../../shared/page/texts.js";
import { LinesPanel } from "./lines.js";
import { LinesLegend } from "./lines_legend.js";

/**
 * @import { Curve, CurvesMessage, Decay, Line, Setup } from "./messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * What is known of a representation, to compare the next one with.
 * @typedef {{ name: string, line: Line, decay: Decay, curve: Curve }} Before
 */

/** @type {Record<string, string>} */
export const BASES = { cosine: phrase("Cosine"), fourier: phrase("Fourier"), pixels: phrase("Pixels") };

const MOST_DECIBELS = 60; // where a curve ends: beyond it no eye sees a difference

export class LabCharts {
  /** @type {Setup | null} */
  setup = null;
  /** @type {CurvesMessage["curves"] | null} */
  curves = null;
  /** @type {Before | null} */
  before = null;
  most = 1; // the end of the axis

  /** @param {Translator} t */
  constructor(t) {
    this.t = t;
    this.legend = new LinesLegend(t, () => this.redraw());
    const { hidden } = this.legend;
    this.psnr = new LinesPanel(t, {
      title: t("PSNR"),
      help: t("How near the picture from the k largest coefficients is, in decibels: higher is nearer."),
      axis: () => ({ range: [0, MOST_DECIBELS * 1.02], ticksuffix: " dB" }),
      unit: " dB",
      hidden,
    });
    this.ssim = new LinesPanel(t, {
      title: t("SSIM"),
      help: t("Structural similarity of the brightness: 1 is the picture itself."),
      axis: () => ({ range: [0, 1.03] }),
      hidden,
    });
    this.sizes = new LinesPanel(t, {
      title: t("Sorted magnitudes"),
      help: t(
        "All coefficients by size, on logarithmic axes. The thin lines are fitted; their slope is the decay rate in the legend.",
      ),
      axis: (lines) => magnitudeAxis(lines.flatMap(({ y }) => y)),
      hidden,
    });
    this.panels = [this.psnr, this.ssim, this.sizes];
    this.element = h(
      "div",
      {},
      this.legend.element,
      h("div", { class: "cx-charts" }, ...this.panels.map((panel) => panel.element)),
    );
  }

  /**
   * Another picture or representation; its curves follow.
   * @param {Setup} setup
   */
  set(setup) {
    const { setup: old, curves, t } = this;
    if (old && old.run !== setup.run) {
      if (!curves || old.photograph !== setup.photograph) this.before = null;
      else if (old.representation !== setup.representation) {
        this.before = {
          name: t(old.representation),
          line: old.lines.representation,
          decay: old.decays.representation,
          curve: curves.representation,
        };
      }
    }
    this.setup = setup;
    this.curves = null;
    this.most = Math.max(setup.n, setup.size[0] * setup.size[1]);
    return this.showSizes(setup);
  }

  /**
   * What is shown of the representation, of the bases and of the representation before, by the keys of their styles.
   * @template T
   * @param {Record<string, T>} shown by the keys of the representation and the bases
   * @param {(before: Before) => T} ofBefore
   */
  entries(shown, ofBefore) {
    const { t, setup, before } = this;
    const now = [["representation", setup?.representation ?? ""], ...Object.entries(BASES)]
      .filter(([key]) => key in shown) // a page without a kernel has fewer
      .map(([key, name]) => ({ key, label: t(name), value: shown[key] }));
    return before ? [...now, { key: "before", label: before.name, value: ofBefore(before) }] : now;
  }

  /** @param {Setup} setup */
  showSizes(setup) {
    const { t } = this;
    const decays = this.entries(setup.decays, ({ decay }) => decay);
    const lines = this.entries(setup.lines, ({ line }) => line).map(({ key, label, value }, i) => {
      const { rate } = decays[i].value;
      const more = rate === null ? "" : t("decay {rate}", { rate: rate.toFixed(2) });
      return { key, label, more, x: value.rank, y: value.magnitude };
    });
    const fits = Object.entries(setup.decays).flatMap(([key, decay]) => fitted(key, decay));
    this.legend.update(lines);
    const rates = lines.map(({ label, more }) => `${label} ${more}`).join(", ");
    this.sizes.describe(t("Sorted magnitudes with their decay rates: {rates}.", { rates }));
    return this.sizes.update(lines, this.most, fits);
  }

  /**
   * PSNR and SSIM over k, as far as they are known.
   * @param {CurvesMessage["curves"]} curves
   */
  async showCurves(curves) {
    this.curves = curves;
    /**
     * @param {"psnr" | "ssim"} name
     * @param {number} limit
     */
    const lines = (name, limit) =>
      this.entries(curves, ({ curve }) => curve).map(({ key, label, value }) => ({
        key,
        label,
        x: value.k,
        y: value[name].map((one) => Math.min(one ?? limit, limit)),
      }));
    this.psnr.describe(
      this.t("PSNR over the number of coefficients kept; the figures below the pictures are for the current k."),
    );
    this.ssim.describe(
      this.t("SSIM over the number of coefficients kept; the figures below the pictures are for the current k."),
    );
    await this.psnr.update(lines("psnr", MOST_DECIBELS), this.most);
    await this.ssim.update(lines("ssim", 1), this.most);
  }

  /**
   * Move the cursors to a number of coefficients.
   * @param {number} k
   */
  at(k) {
    this.panels.forEach((panel) => panel.at(k));
  }

  redraw() {
    this.panels.filter(({ lines }) => lines.length).forEach((panel) => panel.draw());
  }

  close() {
    this.panels.forEach((panel) => panel.close());
  }
}

/**
 * The line of a power law from the first to the last rank that it was fitted to; none where there is none.
 * @param {string} key
 * @param {Decay} decay
 */
export function fitted(key, { rate, scale, first, last }) {
  if (rate === null || scale === null) return [];
  return [{ key, x: [first, last], y: [first, last].map((rank) => scale * rank ** -rate) }];
}

/**
 * A logarithmic axis from the largest magnitude down five decades: below is the rounding.
 * @param {(number | null)[]} magnitudes
 */
export function magnitudeAxis(magnitudes) {
  const largest = Math.max(...magnitudes.map((value) => value ?? 0), 1e-6);
  const top = Math.ceil(Math.log10(largest) * 2) / 2;
  return { type: "log", range: [top - 5, top], exponentformat: "power", dtick: 1, tickfont: { size: 8.8 } };
}
