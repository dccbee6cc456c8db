// The hallucination score against a CP score, as in the papers, with the densities of both at the edges.

import { ScatterCursor } from "./scatter_cursor.js";
import { Marks } from "./scatter_marks.js";
import { faint, methodStyle } from "./method_styles.js";
import { cpScores, formatted, scoreLabel } from "./scores.js";
import { h } from "../../shared/page/dom.js";
import { grouped } from "../../shared/page/format.js";
import { Panel } from "../../shared/page/panel.js";
import { density, extent, quantile, sortedValues } from "../../shared/page/statistics.js";

const MARGIN = 0.86; // where the densities begin, of the figure's width and height

const STILL = 4; // pixels that a mouse may move in a click

/**
 * @import { Range } from "./choices.js"
 * @import { Records } from "./records.js"
 * @import { Plotly, Trace } from "../../shared/page/plotly.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * The ranges of both axes, the first in powers of ten.
 * @typedef {[Range, Range]} Ranges
 */

export class ScatterPanel extends Panel {
  x = "";
  /** @type {Float32Array} */
  xs = new Float32Array(0);
  /** @type {Float32Array} */
  ys = new Float32Array(0);
  /** @type {number[][]} */
  groups = []; // of each method, the records that can be drawn
  /** @type {number[][]} */
  seen = []; // those of them that are not hidden
  /** @type {Set<string>} */
  hidden = new Set();
  /** @type {Ranges} */
  full = [[0, 1], [0, 1]];
  /** @type {Ranges} */
  ranges = this.full;
  /** @type {ReturnType<typeof density>[][]} */
  densities = []; // of each method, along both axes

  /**
   * @param {Translator} t
   * @param {Records} records
   * @param {object} options
   * @param {(record: number) => void} options.pick what was clicked
   * @param {(score: string) => void} options.choose which score is wanted
   * @param {(ranges: Ranges | null) => void} options.zoomed what is seen; null for all
   */
  constructor(t, records, { pick, choose, zoomed }) {
    const choice = h(
      "select",
      {
        "aria-label": t("CP score of the figure"),
        title: t("Which CP score is shown from left to right"),
        onchange: () => choose(choice.value),
      },
      ...cpScores(records).map((name) => h("option", { value: name }, scoreLabel(t, records, name))),
    );
    super(
      t,
      t("Hallucination against CP"),
      t("Each mark is one explanation: best at the lower right. Click one to see it; drag to zoom, double-click to see all."),
      choice,
    );
    this.records = records;
    this.pick = pick;
    this.zoomed = zoomed;
    this.choice = choice;
    this.note = h("p", { class: "cx-figures" });
    this.marks = new Marks(this);
    this.cursor = new ScatterCursor(t, this);
    this.element.append(this.marks.canvas, this.cursor.tip, this.cursor.element, this.note);
    this.listen();
  }

  /** @param {{ x: string, hidden: Set<string>, zoom: Ranges | null }} choices */
  update({ x, hidden, zoom }) {
    const { records } = this;
    if (x !== this.x) this.lay(x);
    this.choice.value = x;
    this.hidden = hidden;
    this.ranges = zoom ?? this.full;
    this.describe(this.inWords());
    this.note.textContent = this.left();
    this.seen = this.groups.map((rows, method) => (hidden.has(records.methods[method]) ? [] : rows));
    this.cursor.set(this.seen.flat());
    return this.draw();
  }

  /**
   * What the axis of another score needs: which records can be drawn, and where they lie.
   * @param {string} x
   */
  lay(x) {
    const { records } = this;
    this.x = x;
    [this.xs, this.ys] = [records.of(x), records.of("hallucination")];
    /** @param {number} i */
    const drawable = (i) => this.xs[i] > 0 && Number.isFinite(this.xs[i]) && Number.isFinite(this.ys[i]);
    this.groups = records.methods.map((_, method) => records.ofMethod(method).filter(drawable));
    const all = this.groups.flat();
    this.full = rangesOf(all.map((i) => Math.log10(this.xs[i])), all.map((i) => this.ys[i]));
    /** @param {number[]} rows */
    const logs = (rows) => Float64Array.from(rows, (i) => Math.log10(this.xs[i])).sort();
    this.densities = this.groups.map((rows) => [
      density(logs(rows), ...this.full[0]),
      density(sortedValues(this.ys, rows), 0, this.full[1][1]),
    ]);
  }

  /** @param {ReturnType<Panel["base"]>["axis"]} axis */
  compose(axis) {
    const { t, records } = this;
    /** @type {Trace} for the axes */
    const ground = { type: "scatter", mode: "markers", x: [1], y: [0], marker: { opacity: 0 }, hoverinfo: "skip" };
    this.traces = [ground, ...records.methods.flatMap((name, method) => this.edgesOf(method, !this.hidden.has(name)))];
    const bare = { visible: false, fixedrange: true, rangemode: "tozero" };
    const [rangeX, rangeY] = this.ranges.map((range) => [...range]); // Plotly changes what it is given
    return {
      uirevision: this.x,
      margin: { l: 46, r: 8, t: 4, b: 40 },
      xaxis: {
        ...axis,
        type: "log",
        domain: [0, MARGIN],
        range: rangeX,
        title: { text: t("{score}, larger is better", { score: scoreLabel(t, this.records, this.x) }), standoff: 6 },
        zeroline: false,
        exponentformat: "power",
        dtick: rangeX[1] - rangeX[0] > 1 ? Math.max(1, Math.ceil((rangeX[1] - rangeX[0]) / 8)) : undefined,
        minor: { ticklen: 3, tickcolor: axis.gridcolor },
        tickfont: { size: 9.5 }, // Plotly enlarges powers by a quarter
      },
      yaxis: {
        ...axis,
        domain: [0, MARGIN],
        range: rangeY,
        title: {
          text: t("{score}, smaller is better", { score: scoreLabel(t, this.records, "hallucination") }),
          standoff: 4,
        },
        zeroline: false,
      },
      xaxis2: { ...bare, domain: [MARGIN + 0.01, 1] },
      yaxis2: { ...bare, domain: [MARGIN + 0.01, 1] },
      dragmode: "zoom",
      hovermode: false, // the tip is ours
    };
  }

  /**
   * The densities of a method at the edges.
   * @param {number} method
   * @param {boolean} visible
   */
  edgesOf(method, visible) {
    const { color, dash } = methodStyle(method);
    const [across, up] = this.densities[method];
    /** @type {Trace} */
    const edge = {
      type: "scatter",
      mode: "lines",
      visible,
      hoverinfo: "skip",
      line: { color, dash, width: 1.5 },
      fillcolor: faint(color, 0.14),
    };
    return [
      {
        ...edge,
        x: across.positions.map((position) => 10 ** position),
        y: across.heights,
        yaxis: "y2",
        fill: "tozeroy",
      },
      { ...edge, x: up.heights, y: up.positions, xaxis: "x2", fill: "tozerox" },
    ];
  }

  /** @protected @param {Plotly} library */
  async drawNow(library) {
    await super.drawNow(library);
    if (!this.drawings.ended) this.place();
  }

  /** What lies over the plot follows it. */
  place() {
    this.marks.draw(this.seen);
    this.cursor.place();
  }

  listen() {
    /** @param {PointerEvent} event */
    const hover = (event) => {
      const record = this.marks.met(event);
      if (record === undefined) this.cursor.leave();
      else this.cursor.describe(record);
    };
    this.plot.addEventListener("pointermove", hover);
    this.plot.addEventListener("pointerleave", () => this.cursor.leave());
    // Plotly takes the mouse for its zoom: a click is a press that ends where it began.
    /** @param {PointerEvent} down */
    const press = (down) => {
      /** @param {PointerEvent} up */
      const release = (up) => {
        const moved = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY);
        const record = moved < STILL ? this.marks.met(up) : undefined;
        if (record !== undefined) this.pick(record);
      };
      globalThis.addEventListener("pointerup", release, { once: true, capture: true });
    };
    this.plot.addEventListener("pointerdown", press, { capture: true });
    this.onPlot("plotly_relayout", () => {
      const { xaxis, yaxis } = this.plot._fullLayout ?? {};
      if (!xaxis || !yaxis) return;
      const ranges = /** @type {Ranges} */ ([xaxis.range, yaxis.range].map((range) => [...range]));
      const isFull = ranges.flat().every((end, i) => Math.abs(end - this.full.flat()[i]) < 1e-9);
      this.zoomed(isFull ? null : ranges);
      this.place();
    });
    this.onPlot("plotly_doubleclick", () => {
      this.ranges = this.full;
      this.zoomed(null);
      this.draw();
    });
  }

  /**
   * Where a record stands, in pixels of the plot; null where it is not seen.
   * @param {number} i
   * @returns {[number, number] | null}
   */
  at(i) {
    const { xaxis, yaxis } = this.plot._fullLayout ?? {};
    if (!xaxis || !yaxis || !(this.xs[i] > 0)) return null;
    const [x, y] = [xaxis.d2p(this.xs[i]), yaxis.d2p(this.ys[i])];
    if (!(x >= 0 && x <= xaxis._length && y >= 0 && y <= yaxis._length)) return null;
    return [xaxis._offset + x, yaxis._offset + y];
  }

  inWords() {
    const { t, records } = this;
    const medians = records.methods.flatMap((name, method) => {
      if (this.hidden.has(name) || !this.groups[method].length) return [];
      const [x, y] = [this.x, "hallucination"].map((score) =>
        formatted(records, score, quantile(sortedValues(records.of(score), this.groups[method]), 0.5))
      );
      return [
        t("{name} {x} and {y}, {count} explanations", { name, x, y, count: grouped(this.groups[method].length) }),
      ];
    });
    const score = scoreLabel(t, records, this.x);
    if (!medians.length) return t("Hallucination against {score}: nothing to draw yet.", { score });
    return t("Hallucination against {score}. Medians: {medians}.", { score, medians: medians.join("; ") });
  }

  /** Which records the figure cannot show. */
  left() {
    const { t, records } = this;
    const zero = records.sound.filter((i) => this.xs[i] <= 0 && Number.isFinite(this.ys[i])).length;
    const other = records.sound.length - zero - this.groups.reduce((sum, rows) => sum + rows.length, 0);
    const parts = [];
    const score = scoreLabel(t, records, this.x);
    if (zero) {
      parts.push(t("{count} with {score} 0, which a logarithmic axis does not have", { score, count: grouped(zero) }));
    }
    if (other) parts.push(t("{count} of which a score is undefined", { count: grouped(other) }));
    return parts.length ? t("Not drawn: {parts}.", { parts: parts.join("; ") }) : "";
  }
}

/**
 * The ranges of both axes for some marks, with room around them; the vertical one begins just below 0.
 * @param {number[]} logs logarithms of the scores from left to right
 * @param {number[]} ys
 * @returns {Ranges}
 */
export function rangesOf(logs, ys) {
  const [first, last] = extent(logs, [0, 1]);
  const [, largest] = extent(ys, [0, 1]);
  const pad = 0.03 * (last - first) || 0.5;
  const highest = largest || 1;
  return [[first - pad, last + pad], [-0.02 * highest, 1.04 * highest]];
}
