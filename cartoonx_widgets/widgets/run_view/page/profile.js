// On which scales lies what is kept: one line for the mask, one for the energy.

import { h } from "../../shared/page/dom.js";
import { percent } from "../../shared/page/format.js";
import { sample } from "../../shared/page/line_legend.js";
import { Panel } from "../../shared/page/panel.js";
import { phrase } from "../../shared/page/texts.js";

/**
 * @import { Profile, Scale } from "./messages.d.ts"
 * @import { Layout } from "../../shared/page/plotly.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/** @type {{ key: "mask" | "energy", label: string, dash: string, color: string, symbol: string }[]} */
const LINES = [
  { key: "mask", label: phrase("mask"), dash: "solid", color: "#0072b2", symbol: "circle" },
  { key: "energy", label: phrase("energy"), dash: "6px,4px", color: "#d55e00", symbol: "square" },
];

export class ProfilePanel extends Panel {
  roomy = true;
  /** @type {Scale[]} */
  scales = [];

  /** @param {Translator} t */
  constructor(t) {
    const help = [
      t("How much of what is kept lies on each scale."),
      t("Mask: how many coefficients. Energy: how much they weigh, by their squares."),
    ];
    super(t, t("Scale profile"), help.join(" "));
    const keys = LINES.map((line) => h("span", { class: "cx-line" }, sample(line), t(line.label)));
    this.plot.before(h("div", { class: "cx-legend", "aria-hidden": "true" }, ...keys));
  }

  /** @param {Scale[]} scales of the representation */
  set(scales) {
    this.scales = scales;
  }

  /** @param {Profile} profile */
  update(profile) {
    const { t, scales } = this;
    this.traces = LINES.map(({ key, label, dash, color, symbol }) => ({
      type: "scatter",
      mode: "lines+markers",
      name: t(label),
      x: scales.map((_, i) => i),
      y: profile[key],
      text: scales.map((scale, i) => `${inWords(t, scale)}: ${t(label)} ${percent(profile[key][i])}`),
      hovertemplate: "%{text}<extra></extra>",
      line: { dash, color, width: 2 },
      marker: { symbol, size: 6, color },
    }));
    const shares = scales.map((scale, i) =>
      `${inWords(t, scale)} ${percent(profile.mask[i])}, ${percent(profile.energy[i])}`
    );
    this.describe(t("Share of mask and of energy on each scale: {shares}.", { shares: shares.join("; ") }));
    return this.draw();
  }

  /**
   * @param {Layout} axis
   * @returns {Layout}
   */
  compose(axis) {
    const { t, scales } = this;
    return {
      margin: { l: 44, r: 10, t: 6, b: 46 },
      xaxis: {
        ...axis,
        title: { text: t("scale, pixels per period"), standoff: 4 },
        tickmode: "array",
        tickvals: scales.map((_, i) => i),
        ticktext: scales.map((scale) => `${shortName(t, scale)}<br>${period(scale)}`),
        tickfont: { size: 10 },
        tickangle: 0,
        range: [-0.4, scales.length - 0.6],
        fixedrange: true,
      },
      yaxis: { ...axis, tickformat: ".0%", range: [0, 1.04], fixedrange: true },
      dragmode: false,
      hovermode: "closest",
    };
  }
}

/**
 * The periods that a scale resolves, in pixels.
 * @param {Pick<Scale, "period">} scale
 */
export const period = ({ period: [shortest, longest] }) =>
  longest === null ? `≥ ${shortest}` : `${shortest}–${longest}`;

/** @type {Record<string, string>} */
const NAMES = { lowpass: phrase("low"), pixels: phrase("pixels") };

/**
 * @param {Translator} t
 * @param {Pick<Scale, "name">} scale
 */
const shortName = (t, { name }) => name in NAMES ? t(NAMES[name]) : name;

/**
 * "scale 3, 8–16 pixels per period".
 * @param {Translator} t
 * @param {Scale} scale
 */
export function inWords(t, scale) {
  const pixels = period(scale);
  if (scale.name === "pixels") return t("pixels");
  return scale.name === "lowpass"
    ? t("lowpass, {pixels} pixels per period", { pixels })
    : t("scale {scale}, {pixels} pixels per period", { scale: scale.name, pixels });
}
