// The distortion of all methods over the share of their runs, on one pair of axes.

import { LineChart } from "./line_chart.js";
import { verticalScale } from "./scales.js";
import { h } from "../../shared/page/dom.js";

/**
 * @import { Axes, Line } from "./line_chart.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class CompareChart extends LineChart {
  log = false;

  /** @param {Translator} t */
  constructor(t) {
    const logButton = h(
      "button",
      {
        class: "cx-small",
        "aria-pressed": "false",
        title: t("Logarithmic or linear axis"),
        onclick: () => this.turn(),
      },
      t("log"),
    );
    const help = t(
      "How far the classifier's output is from its aim under noise, in each step; each method by its own noise and its own measure.",
    );
    super(t, t("Distortion over the run"), help, logButton);
    this.logButton = logButton;
  }

  /** @override @param {number} index */
  absence(index) {
    const title = this.t("A heat map is not optimised: it has no curve");
    return this.methods[index].optimised ? null : { text: this.t("no run"), title };
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
   * @override
   * @param {Line[]} seen
   * @returns {Axes}
   */
  axes(seen) {
    return {
      across: [0, 0.25, 0.5, 0.75, 1].map((share) => [share, `${100 * share} %`]),
      title: this.t("share of the run"),
      vertical: verticalScale(seen.flatMap(({ y }) => y), this.log),
      written: short,
    };
  }

  /** @override @param {Line[]} seen */
  described(seen) {
    const { t } = this;
    if (!seen.length) return t("Distortion over the share of the run: no curve yet.");
    const values = seen.map(({ label, y }) => `${label} ${short(y[y.length - 1])}`).join(", ");
    return t("Distortion over the share of the run. Newest: {values}.", { values });
  }

  /** @override @param {number} share */
  valuesAt(share) {
    const lines = this.seen.flatMap(({ label, x, y }) => {
      const index = x.findIndex((reached) => reached >= share);
      return index < 0 ? [] : [`${label}: ${short(y[index])}`];
    });
    return { title: `${Math.round(100 * share)} %`, lines };
  }
}

/**
 * Three digits, without zeros behind.
 * @param {number} value
 */
const short = (value) => String(Number(value.toPrecision(3)));
