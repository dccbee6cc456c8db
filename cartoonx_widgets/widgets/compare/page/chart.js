// The distortion of all methods over the share of their runs, on one pair of axes.

import { lineSample } from "./styles.js";
import { h } from "../../shared/page/dom.js";
import { svg } from "../../shared/page/svg.js";

const CHART_HEIGHT = 240;

const CHART_MARGIN = { left: 52, right: 14, top: 10, bottom: 38 };

export class CompareChart {
  constructor(t) {
    this.t = t;
    this.methods = [];
    this.hidden = new Set();
    this.log = false;
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
      onpointermove: (event) => this.point(event),
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

  set(methods) {
    this.methods = methods.map((method) => ({ ...method, x: [], y: [] }));
    this.keys = this.methods.map((method, place) => {
      if (!method.optimised) {
        return h(
          "span",
          { class: "cx-norun", title: this.t("A heat map is not optimised: it has no curve") },
          lineSample(method),
          `${method.label} (${this.t("no run")})`,
        );
      }
      const toggle = () => {
        if (!this.hidden.delete(place)) this.hidden.add(place);
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

  /** `values`: steps, then the distortion in each, as one flat array. */
  update(place, values) {
    const count = values.length / 2;
    const method = this.methods[place];
    method.x = Array.from(values.subarray(0, count), (step) => Math.min(1, step / method.steps));
    method.y = Array.from(values.subarray(count));
  }

  turn() {
    this.log = !this.log;
    this.logButton.setAttribute("aria-pressed", String(this.log));
    this.draw();
  }

  /** Where values stand: the ends of the vertical axis, its ticks, and functions to pixels. */
  axes(seen) {
    const width = Math.max(220, this.plot.clientWidth);
    const { left, right, top, bottom } = CHART_MARGIN;
    const all = seen.flatMap(({ y }) => y).filter((value) => (this.log ? value > 0 : Number.isFinite(value)));
    const most = Math.max(...all, 0) || 1;
    const ends = this.log ? logarithmicEnds(Math.min(...all, most), most) : [0, roundedUp(most)];
    const scale = this.log ? Math.log10 : (value) => value;
    const part = (value) => (scale(value) - scale(ends[0])) / (scale(ends[1]) - scale(ends[0]));
    const ticks = this.log ? decades(...ends) : [0, 1, 2, 3, 4].map((i) => (ends[1] * i) / 4);
    return {
      width,
      ticks,
      x: (share) => left + share * (width - left - right),
      y: (value) =>
        CHART_HEIGHT - bottom -
        Math.max(-0.02, part(this.log ? Math.max(value, ends[0]) : value)) * (CHART_HEIGHT - top - bottom),
    };
  }

  draw() {
    const { t } = this;
    this.keys?.forEach((key, place) =>
      key.matches("button") && key.setAttribute("aria-pressed", String(!this.hidden.has(place)))
    );
    const seen = this.methods.filter(({ x }, place) => x.length && !this.hidden.has(place));
    const axes = this.axes(seen);
    this.drawn = { seen, axes };
    const { width, x, y, ticks } = axes;
    const label = (attributes, text) => svg("text", { "font-size": 11, fill: "currentColor", ...attributes }, text);
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

  described(seen) {
    const { t } = this;
    if (!seen.length) return t("Distortion over the share of the run: no curve yet.");
    const values = seen.map(({ label, y }) => `${label} ${short(y.at(-1))}`).join(", ");
    return t("Distortion over the share of the run. Newest: {values}.", { values });
  }

  /** Say the values under the pointer. */
  point({ clientX }) {
    const { seen, axes } = this.drawn;
    const box = this.plot.getBoundingClientRect();
    const share = (clientX - box.left - axes.x(0)) / (axes.x(1) - axes.x(0));
    if (!seen.length || share < 0 || share > 1) return this.unpoint();
    const lines = seen.flatMap(({ label, x, y }) => {
      const place = x.findIndex((reached) => reached >= share);
      return place < 0 ? [] : [h("div", {}, `${label}: ${short(y[place])}`)];
    });
    this.guide.setAttribute("x1", axes.x(share));
    this.guide.setAttribute("x2", axes.x(share));
    this.guide.setAttribute("visibility", "visible");
    this.tip.replaceChildren(h("strong", {}, `${Math.round(100 * share)} %`), ...lines);
    this.tip.hidden = !lines.length;
    const room = this.element.clientWidth - this.tip.offsetWidth - 8;
    this.tip.style.left = `${Math.max(0, Math.min(clientX - this.element.getBoundingClientRect().left + 14, room))}px`;
    this.tip.style.top = `${this.plot.offsetTop + CHART_MARGIN.top}px`;
    return null;
  }

  unpoint() {
    this.tip.hidden = true;
    this.guide?.setAttribute("visibility", "hidden");
  }
}

/** Three digits, without zeros behind. */
const short = (value) => String(Number(value.toPrecision(3)));

/** The next of 1, 2, 4, 5, 6, 8 times a power of ten. */
function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return Number(([1, 2, 4, 5, 6, 8].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10) * power).toPrecision(
    3,
  ) * 1;
}

const logarithmicEnds = (least, most) => {
  const ends = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  return [10 ** Math.max(ends[0], ends[1] - 6), 10 ** Math.max(ends[1], ends[0] + 1)];
};

/** The powers of ten between two of them. */
const decades = (least, most) => {
  const first = Math.round(Math.log10(least));
  return Array.from({ length: Math.round(Math.log10(most)) - first + 1 }, (_, i) => 10 ** (first + i));
};
