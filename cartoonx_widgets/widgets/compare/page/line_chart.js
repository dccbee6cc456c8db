// A chart with a line for each method, a legend that hides lines, and the values under the pointer.

import { lineSample } from "./styles.js";
import { h } from "../../shared/page/dom.js";
import { svg } from "../../shared/page/svg.js";

/**
 * @import { ComparedMethod } from "./messages.d.ts"
 * @import { verticalScale } from "./scales.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * A method and its line: how far its points are from left to right, in [0, 1], and their values.
 * @typedef {ComparedMethod & { x: number[], y: number[] }} Line
 */

/**
 * The axes, with `across` from left to right: places in [0, 1] and what stands there.
 * @typedef {object} Axes
 * @property {[place: number, text: string][]} across
 * @property {string} title of the axis below
 * @property {ReturnType<typeof verticalScale>} vertical
 * @property {(value: number) => string} written
 */

const HEIGHT = 240;

const MARGIN = { left: 52, right: 14, top: 10, bottom: 38 };

export class LineChart {
  /** @type {Line[]} */
  methods = [];
  /** @type {HTMLElement[]} */
  keys = [];
  /** @type {Set<number>} */
  hidden = new Set();
  /** @type {Line[]} */
  seen = [];
  dots = false; // whether each point has a mark
  /** @type {SVGElement | null} */
  guide = null;

  /**
   * @param {Translator} t
   * @param {string} title
   * @param {string} help
   * @param {Element} beside the heading
   */
  constructor(t, title, help, beside) {
    this.t = t;
    this.legend = h("div", { class: "cx-legend cx-shared", role: "group", "aria-label": title });
    this.plot = h("div", {
      class: "cx-chart",
      onpointermove: (/** @type {PointerEvent} */ event) => this.point(event),
      onpointerleave: () => this.unpoint(),
    });
    this.tip = h("div", { class: "cx-tip", hidden: true });
    this.element = h(
      "section",
      { class: "cx-panel" },
      h("header", {}, h("h3", { title: help }, title), beside),
      this.legend,
      this.plot,
      this.tip,
    );
  }

  /** @param {ComparedMethod[]} methods */
  set(methods) {
    this.methods = methods.map((method) => ({ ...method, x: [], y: [] }));
    this.showLegend();
    this.draw();
  }

  /** A button for each method, and a text for each without a line. */
  showLegend() {
    this.keys = this.methods.map((method, index) => {
      const reason = this.absence(index);
      if (reason) {
        const text = `${method.label} (${reason.text})`;
        return h("span", { class: "cx-norun", title: reason.title }, lineSample(method), text);
      }
      const toggle = () => {
        if (!this.hidden.delete(index)) this.hidden.add(index);
        this.draw();
      };
      const title = this.t("Show or hide the curve of {name}", { name: method.label });
      return h("button", { title, onclick: toggle }, lineSample(method), method.label);
    });
    this.legend.replaceChildren(...this.keys);
  }

  draw() {
    this.keys.forEach((key, index) =>
      key.matches("button") && key.setAttribute("aria-pressed", String(!this.hidden.has(index)))
    );
    this.seen = this.methods.filter(({ x }, index) => x.length && !this.hidden.has(index));
    const { across, title, vertical, written } = this.axes(this.seen);
    const width = this.width();
    const below = HEIGHT - MARGIN.bottom;
    /** @param {number} share */
    const x = (share) => MARGIN.left + share * (width - MARGIN.left - MARGIN.right);
    /** @param {number} value */
    const y = (value) => below - Math.max(-0.02, vertical.part(value)) * (below - MARGIN.top);
    /**
     * @param {Record<string, string | number>} attributes
     * @param {string} text
     */
    const label = (attributes, text) => svg("text", { "font-size": 11, fill: "currentColor", ...attributes }, text);
    const picture = svg(
      "svg",
      { width, height: HEIGHT, role: "img", "aria-label": this.described(this.seen) },
      ...vertical.ticks.flatMap((value) => [
        svg("line", { class: "cx-grid", x1: x(0), x2: x(1), y1: y(value), y2: y(value) }),
        label({ x: x(0) - 6, y: y(value) + 4, "text-anchor": "end" }, written(value)),
      ]),
      ...across.map(([place, text]) =>
        label({ x: x(place), y: below + 16, "text-anchor": place === 1 ? "end" : "middle" }, text)
      ),
      label({ x: x(0.5), y: below + 32, "text-anchor": "middle" }, title),
      ...this.seen.flatMap((line) => this.drawn(line, x, y)),
    );
    this.guide = svg("line", { class: "cx-guide", y1: MARGIN.top, y2: below, visibility: "hidden" });
    picture.append(this.guide);
    this.plot.replaceChildren(picture);
  }

  /**
   * @param {Line} line
   * @param {(share: number) => number} x
   * @param {(value: number) => number} y
   */
  drawn(line, x, y) {
    const points = line.x.map((share, i) => [x(share).toFixed(1), y(line.y[i]).toFixed(1)]);
    const polyline = svg("polyline", {
      points: points.map((point) => point.join(",")).join(" "),
      fill: "none",
      stroke: line.color,
      "stroke-width": 2,
      "stroke-dasharray": line.dash || "none",
      "stroke-linejoin": "round",
    });
    const dots = this.dots ? points.map(([cx, cy]) => svg("circle", { cx, cy, r: 3, fill: line.color })) : [];
    return [polyline, ...dots];
  }

  width() {
    return Math.max(220, this.plot.clientWidth);
  }

  /**
   * Say the values under the pointer.
   * @param {{ clientX: number }} pointer
   */
  point({ clientX }) {
    if (!this.guide) return;
    const room = this.width() - MARGIN.left - MARGIN.right;
    const place = clientX - this.plot.getBoundingClientRect().left;
    const share = (place - MARGIN.left) / room;
    if (!this.seen.length || share < 0 || share > 1) {
      this.unpoint();
      return;
    }
    const { title, lines } = this.valuesAt(share);
    this.guide.setAttribute("x1", String(place));
    this.guide.setAttribute("x2", String(place));
    this.guide.setAttribute("visibility", "visible");
    this.tip.replaceChildren(h("strong", {}, title), ...lines.map((line) => h("div", {}, line)));
    this.tip.hidden = !lines.length;
    const left = clientX - this.element.getBoundingClientRect().left + 14;
    const most = this.element.clientWidth - this.tip.offsetWidth - 8;
    this.tip.style.left = `${Math.max(0, Math.min(left, most))}px`;
    this.tip.style.top = `${this.plot.offsetTop + MARGIN.top}px`;
  }

  unpoint() {
    this.tip.hidden = true;
    this.guide?.setAttribute("visibility", "hidden");
  }

  /**
   * Why a method has no line; null where it has one, or may come to have one.
   * @param {number} _index of the method
   * @returns {{ text: string, title: string } | null}
   */
  absence(_index) {
    return null;
  }

  /**
   * @param {Line[]} _seen
   * @returns {Axes}
   */
  axes(_seen) {
    throw new Error("each kind of chart has its own");
  }

  /**
   * What the chart shows, in words.
   * @param {Line[]} _seen
   */
  described(_seen) {
    return "";
  }

  /**
   * The values at a place from left to right.
   * @param {number} _share in [0, 1]
   * @returns {{ title: string, lines: string[] }}
   */
  valuesAt(_share) {
    return { title: "", lines: [] };
  }
}
