// On which scales lies what each method keeps: mean scale profiles, of right and of wrong decisions where these are known.

import { axisText, methodStyle } from "./method_styles.js";
import { h } from "../../shared/page/dom.js";
import { grouped, percent } from "../../shared/page/format.js";
import { Panel } from "../../shared/page/panel.js";
import { measureChoice, MEASURES, middle, octaves, periods, shortestPeriods } from "../../shared/page/scales.js";
import { phrase } from "../../shared/page/texts.js";

/**
 * @import { MethodProfiles } from "./messages.d.ts"
 * @import { Records } from "./records.js"
 * @import { Layout, Trace } from "../../shared/page/plotly.d.ts"
 * @import { Measure } from "../../shared/page/scales.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/** @typedef {"all" | "right" | "wrong"} Part */

/** @type {Record<Part, string>} */
const PARTS = {
  all: phrase("all decisions"),
  right: phrase("right decisions"),
  wrong: phrase("wrong decisions"),
};

const GAP = 0.06; // between two plots, of the figure's width

export class ProfilesPanel extends Panel {
  /** @type {Measure} */
  measure = "mask";
  /** @type {Part[]} */
  parts = [];
  /** @type {{ name: string, method: number, profiles: MethodProfiles }[]} */
  seen = []; // the methods that are drawn

  /**
   * @param {Translator} t
   * @param {Records} records
   * @param {{ choose: (measure: Measure) => void }} options
   */
  constructor(t, records, { choose }) {
    const help = [
      t("How much of what is kept lies on each scale, on average over the explanations."),
      t("Mask: how many coefficients. Energy: how much they weigh, by their squares."),
    ];
    const choice = measureChoice(t, choose);
    super(t, t("Scale profile"), help.join(" "), choice);
    this.records = records;
    this.choice = choice;
    this.note = h("p", { class: "cx-figures" });
    this.element.append(this.note);
  }

  /** @param {{ profile: Measure, hidden: Set<string> }} choices with the names of methods that are hidden */
  update({ profile, hidden }) {
    const { t, records } = this;
    this.measure = this.choice.value = profile;
    const methods = records.methods
      .map((name, method) => ({ name, method, profiles: records.profiles[method] }))
      .filter(({ name }) => !hidden.has(name));
    this.seen = methods.filter(({ profiles }) => profiles.scales > 1);
    this.parts = partsOf(records.profiles);
    this.note.textContent = this.notes(methods);
    this.choice.hidden = this.plot.hidden = !this.seen.length;
    if (!this.seen.length) return Promise.resolve();
    this.traces = this.parts.flatMap((part, place) => this.seen.map((one) => this.line(one, part, place)));
    this.describe(t("Mean share of the {measure} on each scale, the coarsest first. {lines}.", {
      measure: t(MEASURES[this.measure]),
      lines: this.lines().join("; "),
    }));
    return this.draw();
  }

  draw() {
    return this.seen.length ? super.draw() : Promise.resolve();
  }

  /**
   * One method's line.
   * @param {{ name: string, method: number, profiles: MethodProfiles }} one
   * @param {Part} part
   * @param {number} place of the part's plot
   * @returns {Trace}
   */
  line({ name, method, profiles }, part, place) {
    const { color, symbol, dash } = methodStyle(method);
    const shares = profiles[part][this.measure];
    const shortest = shortestPeriods(shares.length);
    const pixels = shortest.map((period, i) => this.t("{pixels} pixels per period", { pixels: periods(period, i) }));
    return {
      type: "scatter",
      mode: "lines+markers",
      name,
      xaxis: place ? "x2" : "x",
      x: shortest.map(middle),
      y: shares,
      text: shares.map((share, i) => axisText(`${name}, ${pixels[i]}: ${percent(share)}`, 80)),
      hovertemplate: "%{text}<extra></extra>",
      line: { color, dash, width: 2 },
      marker: { color, symbol, size: 7 },
    };
  }

  /** The lines in words. */
  lines() {
    const { t, parts, measure } = this;
    return this.seen.flatMap(({ name, profiles }) =>
      parts.filter((part) => profiles[part].count).map((part) => {
        const shares = profiles[part][measure].map((share) => percent(share)).join(", ");
        return `${name}, ${t(PARTS[part])}: ${shares}`;
      })
    );
  }

  /**
   * What is not seen, and why.
   * @param {{ name: string, profiles: MethodProfiles }[]} methods those that are not hidden
   */
  notes(methods) {
    const { t } = this;
    /** @param {(scales: number) => boolean} which */
    const named = (which) =>
      methods.filter(({ profiles }) => which(profiles.scales)).map(({ name }) => name).join(", ");
    const [without, onPixels] = [named((scales) => scales === 0), named((scales) => scales === 1)];
    return [
      this.seen.length ? t("A line's leftmost mark is the lowpass: all longer periods.") : "",
      without ? t("No profile is known of {names}: version 0.5 kept none.", { names: without }) : "",
      onPixels ? t("A mask on pixels has no scales: {names}.", { names: onPixels }) : "",
      this.seen.length && this.parts.length === 1
        ? t("Which decisions are right is known where use_labels=True explains the class that came with a photograph.")
        : "",
    ].filter(Boolean).join(" ");
  }

  /**
   * @param {Layout} axis
   * @returns {Layout}
   */
  compose(axis) {
    const { t, parts, seen } = this;
    const { ends, ticks } = octaves(seen.flatMap(({ profiles }) => shortestPeriods(profiles.scales)));
    const width = (1 - GAP * (parts.length - 1)) / parts.length;
    const xaxis = {
      ...axis,
      type: "log",
      range: ends.map(Math.log10),
      tickvals: ticks,
      ticktext: ticks.map(String),
      title: { text: t("pixels per period"), standoff: 6 },
      zeroline: false,
      fixedrange: true,
    };
    const most = Math.max(...this.traces.flatMap(({ y }) => y), 0.1);
    /** @param {Part} part */
    const count = (part) => seen.reduce((sum, { profiles }) => sum + profiles[part].count, 0);
    return {
      margin: { l: 44, r: 10, t: 24, b: 42 },
      xaxis: { ...xaxis, domain: [0, width] },
      ...(parts.length > 1 ? { xaxis2: { ...xaxis, domain: [1 - width, 1], anchor: "y" } } : {}),
      yaxis: { ...axis, tickformat: ".0%", range: [0, 1.06 * most], rangemode: "tozero", fixedrange: true },
      annotations: parts.map((part, place) => ({
        text: `${t(PARTS[part])}: ${grouped(count(part))}`,
        x: place ? 1 - width / 2 : width / 2,
        y: 1,
        xref: "paper",
        yref: "paper",
        xanchor: "center",
        yanchor: "bottom",
        showarrow: false,
      })),
      dragmode: false,
      hovermode: "closest",
    };
  }
}

/**
 * What is drawn apart: right and wrong decisions where they are known, else all at once.
 * @param {MethodProfiles[]} profiles of each method
 * @returns {Part[]}
 */
export const partsOf = (profiles) =>
  profiles.some(({ right, wrong }) => right.count + wrong.count) ? ["right", "wrong"] : ["all"];
