// How sure the classifier is of photograph, cartoon and rest.

import { escaped, shortened } from "../../shared/page/format.js";
import { legend, Panel } from "../../shared/page/panel.js";
import { phrase } from "../../shared/page/texts.js";

/**
 * @import { Probabilities } from "./messages.d.ts"
 * @import { Layout, Trace } from "../../shared/page/plotly.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const LINE = 18; // letters that have room beside the bars

/**
 * A text in one line, or in two where it is long and has a space to be broken at.
 * @param {string} text
 */
export function inTwoLines(text) {
  const spaces = Array.from(text.matchAll(/ /g), ({ index }) => index).filter((index) => index > 2);
  if (text.length <= LINE || !spaces.length) return [text];
  /** @param {number} index */
  const longest = (index) => Math.max(index, text.length - index);
  const at = spaces.reduce((best, index) => (longest(index) < longest(best) ? index : best));
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The class probabilities of photograph, cartoon and rest. */
export class ProbabilityPanel extends Panel {
  roomy = true;
  /** @type {Probabilities[]} */
  rows = [];
  /** @type {string[]} */
  names = [];

  /** @param {Translator} t */
  constructor(t) {
    super(
      t,
      t("Class probabilities"),
      t("The classes that are most probable for one of the three pictures; the explained one is marked."),
    );
    this.plot.before(legend(t, phrase("photograph"), phrase("cartoon"), phrase("rest")));
  }

  /**
   * @param {Probabilities[]} rows
   * @param {string} target label of the explained class
   */
  update(rows, target) {
    const { t } = this;
    this.rows = rows;
    /** @param {Probabilities} row */
    const mark = (row) => inTwoLines((row.label === target ? "▸ " : "") + shortened(row.label, 2 * LINE));
    const known = rows.every(({ rest }) => rest !== null);
    /**
     * @param {"photograph" | "cartoon" | "rest"} name
     * @param {string} hover
     * @param {string} color
     * @param {string} shape
     * @returns {Trace}
     */
    const bars = (name, hover, color, shape) => ({
      type: "bar",
      orientation: "h",
      name,
      y: rows.map((_, i) => i),
      x: rows.map((row) => row[name]),
      text: rows.map((row) => row[name]?.toFixed(2)),
      customdata: rows.map((row) => escaped(row.label)),
      textposition: "outside",
      cliponaxis: false,
      marker: { color, pattern: { shape, fillmode: "overlay", fgcolor: "#ffffff", size: 5, solidity: 0.2 } },
      hovertemplate: `%{customdata}<br>${t(hover, { probability: "%{x:.3f}" })}<extra></extra>`,
    });
    this.traces = [
      bars("photograph", phrase("photograph {probability}"), "#767676", ""),
      bars("cartoon", phrase("cartoon {probability}"), "#d55e00", "/"),
      ...(known ? [bars("rest", phrase("rest {probability}"), "#0072b2", "x")] : []),
    ];
    this.names = rows.map((row) => mark(row).map(escaped).join("<br>"));
    const values = rows.map((row) =>
      `${row.label} ${[row.photograph, row.cartoon, row.rest].map((value) => value?.toFixed(2) ?? "–").join(", ")}`
    );
    this.describe(t("Probability for photograph, cartoon and rest: {values}.", { values: values.join("; ") }));
    return this.draw();
  }

  /**
   * @param {Layout} axis
   * @returns {Layout}
   */
  compose(axis) {
    return {
      margin: { l: 118, r: 30, t: 6, b: 22 },
      barmode: "group",
      bargap: 0.2,
      xaxis: { ...axis, range: [0, 1], tickvals: [0, 0.5, 1], fixedrange: true },
      yaxis: {
        ...axis,
        tickvals: this.rows.map((_, i) => i),
        ticktext: this.names,
        range: [this.rows.length - 0.5, -0.5],
        fixedrange: true,
      },
      dragmode: false,
    };
  }
}
