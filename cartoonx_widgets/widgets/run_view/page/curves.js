// Distortion, penalties and loss over the steps, linear or logarithmic.

import { h } from "../../shared/page/dom.js";
import { escaped } from "../../shared/page/format.js";
import { sample } from "../../shared/page/line_legend.js";
import { Panel } from "../../shared/page/panel.js";
import { phrase } from "../../shared/page/texts.js";

/**
 * @import { Layout } from "../../shared/page/plotly.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * Dashes as SVG has them, for the curve and for its sample in the legend.
 * @type {Record<string, { label: string, dash: string, color: string }>}
 */
export const CURVES = {
  distortion: { label: phrase("distortion"), dash: "solid", color: "#0072b2" },
  l1: { label: phrase("l1"), dash: "9px,9px", color: "#d55e00" },
  spatial_l1: { label: phrase("spatial l1"), dash: "9px,3px,3px,3px", color: "#009e73" },
  spatial_l2: { label: phrase("spatial l2"), dash: "15px,6px", color: "#cc79a7" },
  tv: { label: phrase("total variation"), dash: "15px,4px,3px,4px", color: "#56b4e9" },
  area: { label: phrase("area"), dash: "6px,3px", color: "#e69f00" },
  loss: { label: phrase("loss"), dash: "3px,3px", color: "#767676" },
};

/** How a curve is drawn that this version does not know, as one of a recording may be: in grey, by its own name. */
const UNKNOWN = { dash: "2px,4px", color: "#767676" };

const ALWAYS_SEEN = ["distortion", "l1", "loss"];

export class CurvesPanel extends Panel {
  roomy = true;
  log = true;
  steps = 1;
  /** @type {number | null} the step that is marked */
  cursor = null;
  /** @type {readonly string[]} of the curves */
  names = [];
  /** @type {Record<string, boolean>} whether somebody wants to see a curve; it holds for later runs too */
  chosen = {};
  /** @type {string[]} */
  weighted = [];
  /** @type {HTMLButtonElement[]} */
  keys = [];
  /** @type {string | null} the curve that is lit, while the others fade */
  lit = null;
  /** How many steps the axis was drawn for; 0 before. */
  drawn = 0;

  /** @param {Translator} t */
  constructor(t) {
    const log = h(
      "button",
      {
        class: "cx-small",
        "aria-pressed": "true",
        title: t("Logarithmic or linear axis"),
        onclick: () => {
          this.log = !this.log;
          log.setAttribute("aria-pressed", String(this.log));
          this.draw();
        },
      },
      t("log"),
    );
    const help = [
      t("Distortion: how far the classifier's output is from its aim."),
      t("l1: mean mask value."),
      t("Loss: the distortion and each penalty times its weight."),
      t("Drag to zoom, double-click to see all."),
    ];
    super(t, t("Distortion, l1 and loss"), help.join(" "), log);
    this.legend = h("div", { class: "cx-legend" });
    this.plot.before(this.legend);
    // The ticks below fit all steps; a part that was zoomed into gets its own.
    this.onPlot("plotly_relayout", (change) => {
      if (Object.keys(change).some((key) => key.startsWith("xaxis"))) this.draw();
    });
    this.set([]);
  }

  /** @param {readonly string[]} names of the curves */
  set(names) {
    const { t } = this;
    this.cursor = null;
    this.names = names;
    this.traces = names.map((name) => {
      const known = Object.hasOwn(CURVES, name) ? CURVES[name] : undefined;
      const { dash, color } = known ?? UNKNOWN;
      const label = known ? t(known.label) : escaped(name).replaceAll("%{", "% {");
      return {
        type: "scatter",
        mode: "lines",
        name: label,
        x: [],
        y: [],
        line: { dash, color, width: 2 },
        hovertemplate: `${
          t("step {step}: {curve} {value}", { step: "%{x}", curve: label, value: "%{y:.3g}" })
        }<extra></extra>`,
      };
    });
    this.keys = names.map((name, i) => {
      const { line, name: label } = this.traces[i];
      const toggle = () => {
        this.chosen[name] = !this.sees(name);
        this.mark();
        this.draw();
      };
      const title = t("Show or hide the curve of {curve}", { curve: label });
      return h("button", { title, onclick: toggle }, sample(line), label ?? "");
    });
    this.legend.replaceChildren(...this.keys);
    this.mark();
  }

  /**
   * Whether a curve is drawn: as somebody chose, else where its penalty has a weight.
   * @param {string} name
   */
  sees(name) {
    return this.chosen[name] ?? (ALWAYS_SEEN.includes(name) || this.weighted.includes(`lambda_${name}`));
  }

  mark() {
    this.names.forEach((name, i) => {
      const isLit = name === this.lit;
      this.traces[i] = {
        ...this.traces[i],
        visible: this.sees(name) || isLit ? true : "legendonly",
        opacity: this.lit && !isLit ? 0.2 : 1,
      };
      this.keys[i].setAttribute("aria-pressed", String(this.sees(name)));
    });
  }

  /**
   * Let one curve stand out, also one that is not drawn otherwise; null for none.
   * @param {string | null} name
   */
  light(name) {
    if (name === this.lit) return;
    this.lit = name;
    this.mark();
    if (this.drawn) this.draw();
  }

  /**
   * Note which penalties have a weight.
   * @param {{ path: string, value: unknown }[]} settings
   */
  setWeights(settings) {
    this.weighted = settings.filter(({ value }) => Number(value) > 0).map(({ path }) => path);
    const before = this.traces.map(({ visible }) => visible).join();
    this.mark();
    if (this.drawn && before !== this.traces.map(({ visible }) => visible).join()) this.draw();
  }

  /**
   * @param {Float32Array} values steps and curves, a row each
   * @param {number | null} cursor the step that is marked
   * @param {number} steps of the whole run
   */
  update(values, cursor, steps) {
    const count = values.length / (this.names.length + 1);
    /** @param {number} i */
    const row = (i) => Array.from(values.subarray(i * count, (i + 1) * count));
    this.steps = Math.max(steps, row(0).at(-1) ?? 0);
    this.cursor = cursor;
    this.traces = this.traces.map((trace, i) => ({ ...trace, x: row(0), y: row(i + 1) }));
    const last = this.traces
      .filter(({ visible }) => visible !== "legendonly")
      .map((
        { name, y },
      ) => (count ? `${name} ${y[count - 1].toPrecision(3)}` : this.t("{curve} none yet", { curve: name })));
    this.describe(this.t("Curves over the steps. Newest: {values}.", { values: last.join(", ") }));
    return this.draw();
  }

  /** How many powers of ten lie between two ticks, for no more than eight of them. */
  decades() {
    const seen = this.traces.filter(({ visible }) => visible === true).flatMap(({ y }) =>
      y.filter((/** @type {number} */ value) => value > 0)
    );
    return Math.max(1, Math.ceil(Math.log10(Math.max(...seen) / Math.min(...seen)) / 8) || 1);
  }

  /**
   * @param {Layout} axis
   * @returns {Layout}
   */
  compose(axis) {
    const line = { type: "line", x0: this.cursor, x1: this.cursor, yref: "paper", y0: 0, y1: 1 };
    const range = this.plot._fullLayout?.xaxis?.range;
    const zoomed = this.drawn && range && (range[0] !== 0 || range[1] !== this.drawn);
    this.drawn = this.steps;
    return {
      margin: { l: 44, r: 14, t: 6, b: 34 },
      xaxis: {
        ...axis,
        title: { text: this.t("step"), standoff: 4 },
        range: [0, this.steps],
        ...(zoomed ? { tickmode: "auto" } : { tickmode: "array", tickvals: roundSteps(this.steps) }),
      },
      yaxis: {
        ...axis,
        type: this.log ? "log" : "linear",
        autorange: true,
        exponentformat: "power",
        dtick: this.log ? this.decades() : undefined,
        tickfont: { size: this.log ? 8.8 : 11 }, // Plotly enlarges powers by a quarter
      },
      shapes: this.cursor === null ? [] : [{ ...line, line: { color: axis.color, width: 1, dash: "dot" } }],
      dragmode: "zoom",
      hovermode: "closest",
    };
  }
}

/**
 * Round numbers from 0, and the last step in the end.
 * @param {number} steps
 */
export function roundSteps(steps) {
  const apart = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500].find((d) => steps / d <= 6) ??
    10 ** Math.floor(Math.log10(steps / 2));
  const ticks = [];
  for (let step = 0; step <= steps - 0.6 * apart; step += apart) ticks.push(step);
  return [...ticks, steps];
}
