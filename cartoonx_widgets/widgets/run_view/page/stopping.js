// When a run was good enough to stop: the scores of its frames over its steps, which are asked for.

import { roundSteps } from "./curves.js";
import { h } from "../../shared/page/dom.js";
import { brief } from "../../shared/page/format.js";
import { sample } from "../../shared/page/line_legend.js";
import { Panel } from "../../shared/page/panel.js";
import { phrase } from "../../shared/page/texts.js";

/**
 * @import { ScoresOverSteps } from "./messages.d.ts"
 * @import { Layout } from "../../shared/page/plotly.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/** @typedef {{ name: string, label: string, color: string, dash: string, symbol: string }} Line */

/** @type {Line[]} */
const SHARES = [
  { name: "probability", label: phrase("Probability"), color: "#0072b2", dash: "solid", symbol: "circle" },
  { name: "probability_rest", label: phrase("Rest"), color: "#d55e00", dash: "6px,4px", symbol: "square" },
  { name: "share_kept", label: phrase("Kept"), color: "#009e73", dash: "2px,2px", symbol: "diamond" },
  { name: "hallucination", label: phrase("Hallucination"), color: "#cc79a7", dash: "9px,3px,2px,3px", symbol: "cross" },
];

/** @type {Line[]} */
const CP = [
  { name: "cp_entropy", label: phrase("CP-entropy"), color: "#0072b2", dash: "solid", symbol: "circle" },
  { name: "cp_l1", label: phrase("CP-l1"), color: "#d55e00", dash: "6px,4px", symbol: "square" },
  { name: "cp_l1_pixel", label: phrase("CP-l1 pixel"), color: "#009e73", dash: "2px,2px", symbol: "diamond" },
];

/** Some scores over the steps. */
class ScoresPanel extends Panel {
  roomy = true;
  steps = 1;

  /**
   * @param {Translator} t
   * @param {string} title
   * @param {string} help
   * @param {Line[]} lines
   * @param {boolean} log whether its vertical axis is logarithmic
   */
  constructor(t, title, help, lines, log) {
    super(t, title, help);
    this.lines = lines;
    this.log = log;
    const keys = lines.map((line) => h("span", { class: "cx-line" }, sample(line), t(line.label)));
    this.plot.before(h("div", { class: "cx-legend", "aria-hidden": "true" }, ...keys));
  }

  /** @param {ScoresOverSteps} scores */
  update({ steps, values }) {
    const { t } = this;
    this.steps = Math.max(1, ...steps);
    this.traces = this.lines.map(({ name, label, color, dash, symbol }) => ({
      type: "scatter",
      mode: "lines+markers",
      name: t(label),
      x: steps,
      y: values[name],
      connectgaps: true, // not every frame has its rest classified
      line: { color, dash, width: 2 },
      marker: { color, symbol, size: 5 },
      hovertemplate: `${
        t("step {step}: {curve} {value}", { step: "%{x}", curve: t(label), value: "%{y:.3g}" })
      }<extra></extra>`,
    }));
    const lines = this.lines.map(({ name, label }) => `${t(label)} ${fromTo(values[name])}`).join("; ");
    this.describe(t("Over the steps, from the first to the last frame: {lines}.", { lines }));
    return this.draw();
  }

  /**
   * @param {Layout} axis
   * @returns {Layout}
   */
  compose(axis) {
    const values = this.traces.flatMap(({ y }) => y).filter((value) => value !== null);
    const inside = values.every((value) => value >= 0 && value <= 1); // where a score is explained, it may be anything
    const vertical = this.log
      ? { type: "log", exponentformat: "power" }
      : (inside ? { range: [0, 1.03] } : { autorange: true });
    return {
      margin: { l: 44, r: 14, t: 8, b: 34 },
      xaxis: {
        ...axis,
        title: { text: this.t("step"), standoff: 4 },
        range: [-0.01 * this.steps, 1.01 * this.steps],
        tickmode: "array",
        tickvals: roundSteps(this.steps),
        zeroline: false,
        fixedrange: true,
      },
      yaxis: { ...axis, fixedrange: true, ...vertical },
      dragmode: false,
      hovermode: "closest",
    };
  }
}

/** A button, and what it opens. */
export class Stopping {
  /** @type {number | null} the last step that is shown */
  last = null;

  /**
   * @param {Translator} t
   * @param {() => void} want asks for the scores
   */
  constructor(t, want) {
    this.want = want;
    const shares = t(
      "Probability of the class for the cartoon and for the rest, the share that is kept, and the share of the cartoon's edges that the photograph does not have.",
    );
    const cp = t(
      "Conciseness and preciseness: the retained probability over what is kept of the photograph; more is better.",
    );
    this.panels = [
      new ScoresPanel(t, t("Scores over the steps"), shares, SHARES, false),
      new ScoresPanel(t, t("CP scores over the steps"), cp, CP, true),
    ];
    this.button = h(
      "button",
      {
        class: "cx-small",
        "aria-expanded": "false",
        title: t("The scores of the run's frames: when was it good enough to stop?"),
        onclick: () => this.toggle(),
      },
      t("When to stop?"),
    );
    this.body = h(
      "div",
      { hidden: true },
      h("div", { class: "cx-charts" }, ...this.panels.map(({ element }) => element)),
    );
    this.element = h("section", { class: "cx-stopping" }, this.button, this.body);
  }

  toggle() {
    const opens = this.body.hidden;
    this.button.setAttribute("aria-expanded", String(opens));
    this.body.hidden = !opens;
    if (opens) this.want();
  }

  /**
   * A run rests at a step: what is shown of it may be of before.
   * @param {number} step
   */
  rests(step) {
    if (!this.body.hidden && this.last !== step) this.want();
  }

  /** @param {ScoresOverSteps} scores */
  async show(scores) {
    this.last = scores.steps.at(-1) ?? null;
    await Promise.all(this.panels.map((panel) => panel.update(scores)));
    this.element.dataset.last = String(this.last);
  }

  /** Of another run nothing is known. */
  clear() {
    this.last = null;
    delete this.element.dataset.last;
    if (!this.body.hidden) this.toggle();
  }

  redraw() {
    if (!this.body.hidden && this.last !== null) this.panels.forEach((panel) => panel.draw());
  }

  close() {
    this.panels.forEach((panel) => panel.close());
  }
}

/**
 * The first and the last of some values, those that are not known left out: "0.05 → 0.90".
 * @param {(number | null)[]} values
 */
export function fromTo(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? `${brief(known[0])} → ${brief(known[known.length - 1])}` : "–";
}
