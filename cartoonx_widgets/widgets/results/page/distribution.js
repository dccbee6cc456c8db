// How a score is distributed by each method: its density, its quartiles, and some of the explanations.

import { axisText, faint, methodStyle } from "./method_styles.js";
import { direction, formatted, scoreLabel } from "./scores.js";
import { h } from "../../shared/page/dom.js";
import { grouped } from "../../shared/page/format.js";
import { Panel } from "../../shared/page/panel.js";
import { density, extent, quantile } from "../../shared/page/statistics.js";
import { phrase } from "../../shared/page/texts.js";

const POINTS = 120; // of each method: those at evenly spaced ranks

/**
 * @import { Records } from "./records.js"
 * @import { Trace } from "../../shared/page/plotly.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * A method that is seen: its records in the order of their values, and these values.
 * @typedef {{ name: string, method: number, rows: number[], sorted: Float64Array }} Sorted
 */

export class DistributionPanel extends Panel {
  score = "";
  log = false;
  /** @type {Sorted[]} */
  seen = [];

  /**
   * @param {Translator} t
   * @param {Records} records
   * @param {{ pick: (record: number) => void }} options what was clicked
   */
  constructor(t, records, { pick }) {
    super(
      t,
      "",
      t("Top: the density. Below: explanations at evenly spaced ranks, from the smallest score to the largest. Click one to see it."),
    );
    this.records = records;
    this.pick = pick;
    this.note = h("p", { class: "cx-figures" });
    this.element.append(this.note);
    this.onPlot("plotly_click", ({ points: [point] }) => this.pick(point.customdata));
  }

  /** @param {{ score: string, hidden: Set<string> }} choices with the names of methods that are hidden */
  update({ score, hidden }) {
    const { t, records } = this;
    this.score = score;
    this.log = Boolean(records.scores[score]?.log);
    this.heading.textContent = t("Distribution of {score}", { score: scoreLabel(t, records, score) });
    const values = records.of(score);
    /** @param {number} i */
    const drawable = (i) => Number.isFinite(values[i]) && (!this.log || values[i] > 0);
    this.seen = records.methods.flatMap((name, method) => {
      const rows = records.ofMethod(method).filter(drawable).sort((a, b) => values[a] - values[b]);
      return hidden.has(name) || !rows.length
        ? []
        : [{ name, method, rows, sorted: Float64Array.from(rows, (i) => values[i]) }];
    });
    const left = records.methods.reduce((sum, name, method) => {
      return sum + (hidden.has(name) ? 0 : records.ofMethod(method).filter((i) => !drawable(i)).length);
    }, 0);
    this.note.textContent = [
      t("Box: quartiles and median; lines from the 5th to the 95th percentile."),
      left ? t("{count} are 0 or undefined and not drawn.", { count: grouped(left) }) : "",
    ].join(" ");
    this.describe(this.inWords());
    return this.draw();
  }

  /** @param {ReturnType<Panel["base"]>["axis"]} axis */
  compose(axis) {
    const { t, seen } = this;
    /** @param {number} value */
    const scaled = (value) => (this.log ? Math.log10(value) : value);
    const [low, high] = extent(seen.flatMap(({ sorted }) => [sorted[0], sorted[sorted.length - 1]].map(scaled)), [
      0,
      1,
    ]);
    const pad = 0.03 * (high - low) || 0.5;
    /** @type {[number, number]} */
    const range = [low - pad, high + pad];
    this.traces = seen.flatMap((one, row) => this.tracesOf(one, row, range, scaled));
    const better = direction(this.records, this.score);
    const title = better > 0 ? phrase("{score}, larger is better") : phrase("{score}, smaller is better");
    return {
      margin: { l: 132, r: 10, t: 4, b: 40 },
      xaxis: {
        ...axis,
        type: this.log ? "log" : "linear",
        range,
        title: { text: t(title, { score: scoreLabel(t, this.records, this.score) }), standoff: 6 },
        zeroline: false,
        exponentformat: "power",
        tickformat: this.records.scores[this.score]?.form === "share" ? ".3~%" : undefined,
        dtick: this.log && range[1] - range[0] > 1 ? Math.max(1, Math.ceil((range[1] - range[0]) / 8)) : undefined,
        tickfont: { size: this.log ? 9.5 : 11 },
        fixedrange: true,
      },
      yaxis: {
        ...axis,
        tickvals: seen.map((_, row) => row),
        ticktext: seen.map(({ name }) => axisText(name, 20)),
        range: [Math.max(seen.length, 1) - 0.45, -0.65],
        gridcolor: "rgba(0,0,0,0)",
        zeroline: false,
        fixedrange: true,
      },
      dragmode: false,
      hovermode: "closest",
    };
  }

  /**
   * The density of a method, some of its records, and its quartiles.
   * @param {Sorted} sorted
   * @param {number} row where it stands
   * @param {[number, number]} range of the axis
   * @param {(value: number) => number} scaled
   * @returns {Trace[]}
   */
  tracesOf({ method, rows, sorted }, row, range, scaled) {
    const { color, symbol } = methodStyle(method);
    const [lowest, low, median, high, highest] = [0.05, 0.25, 0.5, 0.75, 0.95].map((share) => quantile(sorted, share));
    const { positions, heights } = density(sorted.map(scaled), ...range);
    const most = Math.max(...heights) || 1;
    /** @param {number} position */
    const back = (position) => (this.log ? 10 ** position : position);
    const shown = evenlySpaced(rows, POINTS);
    const values = this.records.of(this.score);
    return [
      {
        type: "scatter",
        mode: "lines",
        x: [back(positions[0]), ...Array.from(positions, back), back(positions[positions.length - 1])],
        y: [row, ...Array.from(heights, (height) => row - (0.5 * height) / most), row],
        line: { color, width: 1.5 },
        fill: "toself",
        fillcolor: faint(color, 0.2),
        hoverinfo: "skip",
      },
      {
        type: "scatter",
        mode: "markers",
        name: "points",
        customdata: shown,
        x: shown.map((i) => values[i]),
        y: shown.map((_, k) => row + 0.2 + 0.16 * ((k * 0.618034) % 1)), // spread, and the same each time
        marker: { color, symbol, size: 5, opacity: 0.6 },
        text: shown.map((i) =>
          axisText(`${this.records.photograph(i)}: ${formatted(this.records, this.score, values[i])}`, 80)
        ),
        hovertemplate: "%{text}<extra></extra>",
      },
      {
        type: "box",
        orientation: "h",
        y: [row + 0.09],
        lowerfence: [lowest],
        q1: [low],
        median: [median],
        q3: [high],
        upperfence: [highest],
        width: 0.12,
        line: { color, width: 1.5 },
        fillcolor: faint(color, 0.25),
        hoverinfo: "skip",
      },
    ];
  }

  inWords() {
    const { t, records, score, seen } = this;
    const parts = seen.map(({ name, sorted }) => {
      const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => formatted(records, score, quantile(sorted, share)));
      return t("{name} median {middle}, quartiles {low} and {high}", { name, low, middle, high });
    });
    if (!parts.length) {
      return t("Distribution of {score}: nothing to draw yet.", { score: scoreLabel(t, records, score) });
    }
    return t("Distribution of {score}: {parts}.", { score: scoreLabel(t, records, score), parts: parts.join("; ") });
  }
}

/**
 * As many items as are wanted, from the first to the last one, in even steps; all of them where there are no more.
 * @template T
 * @param {T[]} items
 * @param {number} wanted
 */
export function evenlySpaced(items, wanted) {
  const count = Math.min(wanted, items.length);
  const step = (items.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, k) => items[Math.round(k * step)]);
}
