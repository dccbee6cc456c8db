// The distortion of all methods over the share of their runs, on one pair of axes.

import { verticalScale } from "./scales.js";
import { lineSample } from "./styles.js";
import { h } from "../../shared/page/dom.js";
import { svg } from "../../shared/page/svg.js";

/**
 * @import { ComparedMethod } from "./messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * A method and its curve: the share of the run, and the distortion there.
 * @typedef {ComparedMethod & { x: number[], y: number[] }} Curve
 */

const CHART_HEIGHT = 240;

const CHART_MARGIN = { left: 52, right: 14, top: 10, bottom: 38 };

export class CompareChart {
  /** @type {Curve[]} */
  methods = [];
  /** @type {HTMLElement[]} */
  keys = [];
  /** @type {Set<number>} */
  hidden = new Set();
  log = false;
  /** @type {{ seen: Curve[], axes: ReturnType<CompareChart["axes"]> } | null} */
  drawn = null;
  /** @type {SVGElement | null} */
  guide = null;

  /** @param {Translator} t */
  constructor(t) {
    this.t = t;
    this.logButton = h(
      "button",
      {
        class: "cx-small",
        "aria-pressed": "false",
        title: t("Logarithmic or linear axis"),
        onclick: () => this.turn(),
      },
      t("log"),
    );
    this.legend = h("div", { class: "cx-legend cx-shared" });
    this.plot = h("div", {
      class: "cx-chart",
      onpointermove: (/** @type {PointerEvent} */ event) => this.point(event),
      onpointerleave: () => this.unpoint(),
    });
    this.tip = h("div", { class: "cx-tip", hidden: true });
    const help = t(
      "How far the classifier's output is from its aim under noise, in each step; each method by its own noise and its own measure.",
    );
    this.element = h(
      "section",
      { class: "cx-panel" },
      h("header", {}, h("h3", { title: help }, t("Distortion over the run")), this.logButton),
      this.legend,
      this.plot,
      this.tip,
    );
  }

  /** @param {ComparedMethod[]} methods */
  set(methods) {
    this.methods = methods.map((method) => ({ ...method, x: [], y: [] }));
    this.keys = this.methods.map((method, index) => {
      if (!method.optimised) {
        return h(
          "span",
          { class: "cx-norun", title: this.t("A heat map is not optimised: it has no curve") },
          lineSample(method),
          `${method.label} (${this.t("no run")})`,
        );
      }
      const toggle = () => {
        if (!this.hidden.delete(index)) this.hidden.add(index);
        this.draw();
      };
      return h(
        "button",
        { title: this.t("Show or hide the curve of {name}", { name: method.label }), onclick: toggle },
        lineSample(method),
        method.label,
      );
    });
    this.legend.replaceChildren(...this.keys);
    this.draw();
  }

  /**
   * Another curve of a method.
   * @param {number} index of the method
   * @param {Float32Array} values steps, then the distortion in each
   */
  update(index, values) {
    const count = values.length / 2;
    const method = this.methods[index];
    method.x = Array.from(values.subarray(0, count), (step) => Math.min(1, step / method.steps));
    method.y = Array.from(values.subarray(count));
  }

  turn() {
    this.log = !this.log;
    this.logButton.setAttribute("aria-pressed", String(this.log));
    this.draw();
  }

  /**
   * Where values stand, in pixels.
   * @param {Curve[]} seen
   */
  axes(seen) {
    const width = Math.max(220, this.plot.clientWidth);
    const { left, right, top, bottom } = CHART_MARGIN;
    const { ticks, part } = verticalScale(seen.flatMap(({ y }) => y), this.log);
    return {
      width,
      ticks,
      x: (/** @type {number} */ share) => left + share * (width - left - right),
      y: (/** @type {number} */ value) =>
        CHART_HEIGHT - bottom - Math.max(-0.02, part(value)) * (CHART_HEIGHT - top - bottom),
    };
  }

  draw() {
    const { t } = this;
    this.keys.forEach((key, index) =>
      key.matches("button") && key.setAttribute("aria-pressed", String(!this.hidden.has(index)))
    );
    const seen = this.methods.filter(({ x }, index) => x.length && !this.hidden.has(index));
    const axes = this.axes(seen);
    this.drawn = { seen, axes };
    const { width, x, y, ticks } = axes;
    /**
     * @param {Record<string, string | number>} attributes
     * @param {string} text
     */
    const label = (attributes, text) => svg("text", { "font-size": 11, fill: "currentColor", ...attributes }, text);
    /** @param {Record<string, number>} ends */
    const grid = (ends) => svg("line", { class: "cx-grid", ...ends });
    const below = CHART_HEIGHT - CHART_MARGIN.bottom;
    const picture = svg(
      "svg",
      { width, height: CHART_HEIGHT, role: "img", "aria-label": this.described(seen) },
      ...ticks.flatMap((value) => [
        grid({ x1: x(0), x2: x(1), y1: y(value), y2: y(value) }),
        label({ x: x(0) - 6, y: y(value) + 4, "text-anchor": "end" }, short(value)),
      ]),
      ...[0, 0.25, 0.5, 0.75, 1].map((share) =>
        label({ x: x(share), y: below + 16, "text-anchor": share === 1 ? "end" : "middle" }, `${100 * share} %`)
      ),
      label({ x: x(0.5), y: below + 32, "text-anchor": "middle" }, t("share of the run")),
      ...seen.map((method) =>
        svg("polyline", {
          points: method.x.map((share, i) => `${x(share).toFixed(1)},${y(method.y[i]).toFixed(1)}`).join(" "),
          fill: "none",
          stroke: method.color,
          "stroke-width": 2,
          "stroke-dasharray": method.dash || "none",
          "stroke-linejoin": "round",
        })
      ),
    );
    this.guide = svg("line", { class: "cx-guide", y1: CHART_MARGIN.top, y2: below, visibility: "hidden" });
    picture.append(this.guide);
    this.plot.replaceChildren(picture);
  }

  /** @param {Curve[]} seen */
  described(seen) {
    const { t } = this;
    if (!seen.length) return t("Distortion over the share of the run: no curve yet.");
    const values = seen.map(({ label, y }) => `${label} ${short(y[y.length - 1])}`).join(", ");
    return t("Distortion over the share of the run. Newest: {values}.", { values });
  }

  /**
   * Say the values under the pointer.
   * @param {{ clientX: number }} pointer
   */
  point({ clientX }) {
    if (!this.drawn || !this.guide) return;
    const { seen, axes } = this.drawn;
    const box = this.plot.getBoundingClientRect();
    const share = (clientX - box.left - axes.x(0)) / (axes.x(1) - axes.x(0));
    if (!seen.length || share < 0 || share > 1) {
      this.unpoint();
      return;
    }
    const lines = seen.flatMap(({ label, x, y }) => {
      const index = x.findIndex((reached) => reached >= share);
      return index < 0 ? [] : [h("div", {}, `${label}: ${short(y[index])}`)];
    });
    this.guide.setAttribute("x1", String(axes.x(share)));
    this.guide.setAttribute("x2", String(axes.x(share)));
    this.guide.setAttribute("visibility", "visible");
    this.tip.replaceChildren(h("strong", {}, `${Math.round(100 * share)} %`), ...lines);
    this.tip.hidden = !lines.length;
    const room = this.element.clientWidth - this.tip.offsetWidth - 8;
    this.tip.style.left = `${Math.max(0, Math.min(clientX - this.element.getBoundingClientRect().left + 14, room))}px`;
    this.tip.style.top = `${this.plot.offsetTop + CHART_MARGIN.top}px`;
  }

  unpoint() {
    this.tip.hidden = true;
    this.guide?.setAttribute("visibility", "hidden");
  }
}

/**
 * Three digits, without zeros behind.
 * @param {number} value
 */
const short = (value) => String(Number(value.toPrecision(3)));
