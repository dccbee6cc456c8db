// The methods side by side: how many explanations, how often the class is kept, and the medians of all scores.

import { methodMark } from "./method_styles.js";
import { betterArrow, direction, formatted, scoreAbout, scoreLabel } from "./scores.js";
import { h } from "../../shared/page/dom.js";
import { grouped, percent } from "../../shared/page/format.js";
import { quantile, sortedValues } from "../../shared/page/statistics.js";

/**
 * @import { Records } from "./records.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class MediansTable {
  /** @type {Record<string, HTMLElement>} */
  #buttons = {};

  /**
   * @param {Translator} t
   * @param {Records} records
   * @param {(score: string) => void} choose gets the score to look at
   */
  constructor(t, records, choose) {
    this.t = t;
    this.records = records;
    const names = Object.keys(records.scores);
    const heading = h(
      "h3",
      { title: t("Of all explanations without an error. Bold: the best median.") },
      t("Medians by method"),
    );
    const head = records.methods.map((name, index) => h("th", { scope: "col" }, methodMark(index), " ", name));
    const table = h(
      "table",
      { class: "cx-table" },
      h("thead", {}, h("tr", {}, h("td", {}), ...head)),
      h(
        "tbody",
        {},
        this.row(t("explanations"), "", (rows) => grouped(rows.length)),
        this.row(t("errors"), "", (_, method) => grouped(this.errors(method))),
        this.row(
          t("class kept"),
          t("Share of the explanations whose cartoon the classifier gives the same class."),
          (rows) => rows.length ? percent(rows.filter((i) => records.kept(i)).length / rows.length) : "–",
        ),
        ...names.map((name) => this.scoreRow(name, choose)),
      ),
    );
    const scroll = h(
      "div",
      { class: "cx-scroll", tabindex: "0", role: "group", "aria-label": t("Medians by method") },
      table,
    );
    this.element = h("section", { class: "cx-panel" }, h("header", {}, heading), scroll);
  }

  /** @param {number} method */
  errors(method) {
    const { records } = this;
    return records.all.filter((i) => records.failed(i) && records.methodOf[i] === method).length;
  }

  /**
   * @param {string} label
   * @param {string} about
   * @param {(rows: number[], method: number) => string} cell
   */
  row(label, about, cell) {
    const { records } = this;
    const cells = records.methods.map((_, method) => h("td", {}, cell(records.ofMethod(method), method)));
    return h("tr", {}, h("th", { scope: "row", title: about || null }, label), ...cells);
  }

  /**
   * @param {string} name
   * @param {(score: string) => void} choose
   */
  scoreRow(name, choose) {
    const { t, records } = this;
    const better = direction(records, name);
    const medians = records.methods.map((_, method) =>
      quantile(sortedValues(records.of(name), records.ofMethod(method)), 0.5)
    );
    const best = bestOf(medians, better);
    const label = scoreLabel(t, records, name);
    const about = scoreAbout(t, records, name);
    const button = h("button", { class: "cx-score", title: about, onclick: () => choose(name) }, label);
    this.#buttons[name] = button;
    const cells = medians.map((value) =>
      h("td", {}, value === best ? h("b", {}, formatted(records, name, value)) : formatted(records, name, value))
    );
    return h("tr", {}, h("th", { scope: "row" }, button, " ", betterArrow(t, records, name)), ...cells);
  }

  /** @param {string} score the one that is looked at */
  mark(score) {
    for (const [name, button] of Object.entries(this.#buttons)) {
      button.setAttribute("aria-pressed", String(name === score));
    }
  }
}

/**
 * The best of some values; NaN where there are not two to compare.
 * @param {number[]} values
 * @param {number} better 1 where larger is
 */
export function bestOf(values, better) {
  const known = values.filter(Number.isFinite);
  return known.length > 1 ? (better > 0 ? Math.max : Math.min)(...known) : NaN;
}
