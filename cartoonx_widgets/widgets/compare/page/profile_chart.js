// On which scales lies what each method keeps: the scale profiles of all methods on one axis of periods.

import { LineChart } from "./line_chart.js";
import { verticalScale } from "./scales.js";
import { percent } from "../../shared/page/format.js";
import { measureChoice, MEASURES, middle, octaves, periods, shortestPeriods } from "../../shared/page/scales.js";

/**
 * @import { ComparedMethod } from "./messages.d.ts"
 * @import { Axes, Line } from "./line_chart.js"
 * @import { Profile } from "../../run_view/page/messages.d.ts"
 * @import { Measure } from "../../shared/page/scales.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class ProfileChart extends LineChart {
  /** @type {Measure} */
  measure = "mask";
  /** @type {Map<number, Profile>} */
  profiles = new Map();
  dots = true;
  /** @type {[number, number]} */
  ends = [4, 2]; // periods at the left and at the right

  /** @param {Translator} t */
  constructor(t) {
    const help = [
      t("How much of what is kept lies on each scale."),
      t("Mask: how many coefficients. Energy: how much they weigh, by their squares."),
      t("A line's leftmost mark is the lowpass: all longer periods."),
    ];
    super(t, t("Scale profile"), help.join(" "), measureChoice(t, (measure) => this.choose(measure)));
  }

  /** @override @param {ComparedMethod[]} methods */
  set(methods) {
    this.profiles.clear();
    super.set(methods);
  }

  /** @param {Measure} measure */
  choose(measure) {
    this.measure = measure;
    this.draw();
  }

  /**
   * What a method has come to.
   * @param {number} index of the method
   * @param {Profile} profile
   */
  update(index, profile) {
    this.profiles.set(index, profile);
    this.showLegend();
    this.draw();
  }

  /** @override @param {number} index */
  absence(index) {
    const title = this.t("A mask on pixels has no scales");
    return this.profiles.get(index)?.mask.length === 1 ? { text: this.t("no scales"), title } : null;
  }

  /** @override */
  draw() {
    const drawable = [...this.profiles].filter(([, { mask }]) => mask.length > 1);
    this.ends = octaves(drawable.flatMap(([, { mask }]) => shortestPeriods(mask.length))).ends;
    for (const [index, profile] of drawable) {
      this.methods[index].y = profile[this.measure];
      this.methods[index].x = shortestPeriods(profile.mask.length).map((shortest) => this.place(middle(shortest)));
    }
    super.draw();
  }

  /**
   * Where a period stands from left to right, in [0, 1].
   * @param {number} period
   */
  place(period) {
    const [left, right] = this.ends;
    return Math.log2(left / period) / Math.log2(left / right);
  }

  /**
   * @override
   * @param {Line[]} seen
   * @returns {Axes}
   */
  axes(seen) {
    const { ticks } = octaves(seen.flatMap(({ y }) => shortestPeriods(y.length)));
    return {
      across: ticks.map((period) => [this.place(period), String(period)]),
      title: this.t("pixels per period"),
      vertical: verticalScale(seen.flatMap(({ y }) => y), false),
      written: (share) => `${Math.round(1000 * share) / 10} %`, // a quarter of 50 % is no whole number
    };
  }

  /** @override @param {Line[]} seen */
  described(seen) {
    const { t } = this;
    if (!seen.length) return t("Scale profile: no method has come to an end yet.");
    const lines = seen.map(({ label, y }) => `${label}: ${y.map((share) => percent(share)).join(", ")}`).join("; ");
    return t("Share of the {measure} on each scale, the coarsest first. {lines}.", {
      measure: t(MEASURES[this.measure]),
      lines,
    });
  }

  /** @override @param {number} share */
  valuesAt(share) {
    const [left, right] = this.ends;
    const period = left * (right / left) ** share;
    const lines = this.seen.map(({ label, y }) => {
      const place = scaleAt(period, y.length);
      return `${label}, ${periods(shortestPeriods(y.length)[place], place)}: ${percent(y[place])}`;
    });
    return { title: this.t("pixels per period"), lines };
  }
}

/**
 * Which of some scales resolves a period: 0 for the lowpass.
 * @param {number} period in pixels, from 2 on
 * @param {number} count of the scales, lowpass included
 */
export function scaleAt(period, count) {
  const place = shortestPeriods(count).findIndex((shortest) => shortest <= period);
  return place < 0 ? count - 1 : place;
}
