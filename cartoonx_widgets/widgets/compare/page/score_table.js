// The table of scores, which sorts by any of its columns.

import { lineSample, written } from "./styles.js";
import { h } from "../../shared/page/dom.js";

/**
 * @import { ComparedMethod, Result } from "./messages.d.ts"
 * @import { ShownScore } from "../../shared/page/messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * Scores of a method by their names.
 * @typedef {Result["row"]} Row
 *
 * What the table is sorted by: the name of a score, "method" for the methods' names, null for the methods' own order.
 * @typedef {{ key: string | null, down: boolean }} Sorting
 */

export class ScoreTable {
  /** @type {ShownScore[]} */
  columns = [];
  /** @type {ComparedMethod[]} */
  methods = [];
  /** @type {Map<number, Row>} */
  rows = new Map(); // by index of the method
  /** @type {Sorting} */
  sorting = { key: null, down: true };

  /** @param {Translator} t */
  constructor(t) {
    this.t = t;
    this.head = h("tr", {});
    this.body = h("tbody", {});
    this.hint = h("p", { class: "cx-hint", "aria-hidden": "true" });
    this.rest = t("↑ more is better, ↓ less is better. Press a heading to sort by it.");
    this.hint.textContent = this.rest;
    const caption = h("caption", { class: "cx-spoken" }, t("Scores of the explanations"));
    const scroller = h("div", {
      class: "cx-scroller",
      tabindex: "0",
      role: "group",
      "aria-label": t("Scores of the explanations"),
    }, h("table", { class: "cx-table" }, caption, h("thead", {}, this.head), this.body));
    const help = t("What each explanation keeps, for how much; the best value of a column is bold and has a star.");
    this.element = h(
      "section",
      { class: "cx-panel" },
      h("header", {}, h("h3", { title: help }, t("Scores"))),
      scroller,
      this.hint,
    );
  }

  /**
   * @param {ShownScore[]} columns
   * @param {ComparedMethod[]} methods
   */
  set(columns, methods) {
    this.columns = columns;
    this.methods = methods;
    this.rows.clear();
    this.sorting = { key: null, down: true };
    this.draw();
  }

  /**
   * @param {number} index of the method
   * @param {Row} row
   */
  update(index, row) {
    this.rows.set(index, row);
    this.draw();
  }

  /**
   * Sort by a column.
   * @param {Pick<ShownScore, "name" | "better">} column
   */
  sort(column) {
    this.sorting = sortedNext(this.sorting, column);
    this.draw();
    this.focus(column.name);
  }

  /** @param {string} key of a column, whose heading gets the focus */
  focus(key) {
    /** @type {HTMLElement | null} */ (this.head.querySelector(`[data-key="${key}"]`))?.focus();
  }

  draw() {
    const { activeElement } = document;
    const focused = this.head.contains(activeElement) ? activeElement?.getAttribute("data-key") : null;
    this.head.replaceChildren(
      this.header({ name: "method", label: this.t("Method"), about: this.t("What is compared."), better: "" }),
      ...this.columns.map((column) =>
        this.header({ ...column, label: this.t(column.label), about: this.t(column.about) })
      ),
    );
    this.body.replaceChildren(
      ...order(this.methods, this.rows, this.sorting).map((index) => this.line(index)),
    );
    if (focused) this.focus(focused);
  }

  /** @param {Pick<ShownScore, "name" | "label" | "about" | "better">} column with its texts in the reader's language */
  header({ name, label, about, better }) {
    const { t } = this;
    const words = { more: t("More is better."), less: t("Less is better."), "": "" }[better];
    const sorted = this.sorting.key === name;
    const showHint = () => (this.hint.textContent = [about, words].filter(Boolean).join(" "));
    const rest = () => (this.hint.textContent = this.rest);
    const arrow = { more: " ↑", less: " ↓", "": "" }[better];
    const mark = sorted ? (this.sorting.down ? " ▼" : " ▲") : "";
    return h(
      "th",
      { scope: "col", "aria-sort": sorted ? (this.sorting.down ? "descending" : "ascending") : "none" },
      h(
        "button",
        {
          "data-key": name,
          title: [about, words].filter(Boolean).join(" "),
          onclick: () => this.sort({ name, better }),
          onfocus: showHint,
          onblur: rest,
          onmouseenter: showHint,
          onmouseleave: rest,
        },
        label,
        h("span", { "aria-hidden": "true" }, arrow, mark),
      ),
    );
  }

  /** @param {number} index of the method */
  line(index) {
    const method = this.methods[index];
    const row = this.rows.get(index);
    const cells = this.columns.map((column) => this.cell(column, score(row, column.name), method));
    return h("tr", {}, h("th", { scope: "row" }, lineSample(method), method.label), ...cells);
  }

  /**
   * @param {ShownScore} column
   * @param {number | null} value
   * @param {ComparedMethod} method
   */
  cell({ name, form, better }, value, { color }) {
    const all = [...this.rows.values()].flatMap((row) => score(row, name) ?? []);
    const most = Math.max(...all);
    const best = better === "more" ? most : Math.min(...all);
    const first = better && all.length > 1 && value === best;
    const bar = h("span", { class: "cx-bar" });
    bar.style.width = value !== null && most > 0 ? `${Math.max(0, (100 * value) / most)}%` : "0";
    bar.style.background = color;
    const spoken = first ? h("span", { class: "cx-spoken" }, this.t("best")) : null;
    const star = first ? h("span", { "aria-hidden": "true", class: "cx-star" }, "★") : null;
    return h(
      "td",
      { class: first ? "cx-best" : null },
      star,
      spoken,
      written(value, form),
      h("span", { class: "cx-bars" }, bar),
    );
  }
}

/**
 * A method's score; null where it has none, or none yet.
 * @param {Row | undefined} row
 * @param {string} key
 */
function score(row, key) {
  const value = row?.[key];
  return typeof value === "number" ? value : null;
}

/**
 * How the table is sorted when a heading is pressed: by the better end of its column first, by the other one when it is
 * pressed again. Names, and what is better small, begin with the least.
 * @param {Sorting} sorting as it is
 * @param {Pick<ShownScore, "name" | "better">} column
 * @returns {Sorting}
 */
export const sortedNext = (sorting, { name, better }) => ({
  key: name,
  down: sorting.key === name ? !sorting.down : better === "more",
});

/**
 * Indices of the methods in the order that is shown; what has no value stands last, and equal ones as they were.
 * @param {Pick<ComparedMethod, "label">[]} methods
 * @param {Map<number, Row>} rows
 * @param {Sorting} sorting
 */
export function order(methods, rows, { key, down }) {
  const indices = methods.map((_, index) => index);
  if (key === null) return indices;
  const sign = down ? -1 : 1;
  if (key === "method") {
    return indices.sort((one, other) => sign * methods[one].label.localeCompare(methods[other].label) || one - other);
  }
  return indices.sort((one, other) => {
    const [left, right] = [one, other].map((index) => score(rows.get(index), key));
    if (left === null || right === null) return Number(left === null) - Number(right === null) || one - other;
    return sign * (left - right) || one - other;
  });
}
