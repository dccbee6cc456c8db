// The table of scores, which sorts by any of its columns.

import { lineSample, written } from "./styles.js";
import { h } from "../../shared/page/dom.js";

/**
 * @import { Method } from "./chart.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * A column, as `compare/table.py` has it.
 * @typedef {{ key: string, label: string, about: string, better: "more" | "less" | "", form: string }} Column
 *
 * The scores of a method by the keys of the columns; null where there is none.
 * @typedef {Record<string, number | null>} Row
 *
 * What the table is sorted by: the key of a column, "method" for the names, null for the methods' own order.
 * @typedef {{ key: string | null, down: boolean }} Sorting
 */

export class ScoreTable {
  /** @type {Column[]} */
  columns = [];
  /** @type {Method[]} */
  methods = [];
  /** @type {Map<number, Row>} */
  rows = new Map(); // by place
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
   * @param {Column[]} columns
   * @param {Method[]} methods
   */
  set(columns, methods) {
    this.columns = columns;
    this.methods = methods;
    this.rows.clear();
    this.sorting = { key: null, down: true };
    this.draw();
  }

  /**
   * @param {number} place of the method
   * @param {Row} row
   */
  update(place, row) {
    this.rows.set(place, row);
    this.draw();
  }

  /**
   * Sort by a column.
   * @param {Pick<Column, "key" | "better">} column
   */
  sort(column) {
    this.sorting = sortedNext(this.sorting, column);
    this.draw();
    this.focus(column.key);
  }

  /** @param {string} key of a column, whose heading gets the focus */
  focus(key) {
    /** @type {HTMLElement | null} */ (this.head.querySelector(`[data-key="${key}"]`))?.focus();
  }

  draw() {
    const { activeElement } = document;
    const focused = this.head.contains(activeElement) ? activeElement?.getAttribute("data-key") : null;
    this.head.replaceChildren(
      this.header({ key: "method", label: this.t("Method"), about: this.t("What is compared."), better: "" }),
      ...this.columns.map((column) =>
        this.header({ ...column, label: this.t(column.label), about: this.t(column.about) })
      ),
    );
    this.body.replaceChildren(
      ...order(this.methods, this.rows, this.sorting).map((place) => this.line(place)),
    );
    if (focused) this.focus(focused);
  }

  /** @param {Omit<Column, "form">} column with its texts in the reader's language */
  header({ key, label, about, better }) {
    const { t } = this;
    const words = { more: t("More is better."), less: t("Less is better."), "": "" }[better];
    const sorted = this.sorting.key === key;
    const tell = () => (this.hint.textContent = [about, words].filter(Boolean).join(" "));
    const rest = () => (this.hint.textContent = this.rest);
    const arrow = { more: " ↑", less: " ↓", "": "" }[better];
    const mark = sorted ? (this.sorting.down ? " ▼" : " ▲") : "";
    return h(
      "th",
      { scope: "col", "aria-sort": sorted ? (this.sorting.down ? "descending" : "ascending") : "none" },
      h(
        "button",
        {
          "data-key": key,
          title: [about, words].filter(Boolean).join(" "),
          onclick: () => this.sort({ key, better }),
          onfocus: tell,
          onblur: rest,
          onmouseenter: tell,
          onmouseleave: rest,
        },
        label,
        h("span", { "aria-hidden": "true" }, arrow, h("span", { class: "cx-sorted" }, mark)),
      ),
    );
  }

  /** @param {number} place of the method */
  line(place) {
    const method = this.methods[place];
    const row = this.rows.get(place) ?? {};
    const cells = this.columns.map((column) => this.cell(column, row[column.key] ?? null, method));
    return h("tr", {}, h("th", { scope: "row" }, lineSample(method), method.label), ...cells);
  }

  /**
   * @param {Column} column
   * @param {number | null} value
   * @param {Method} method
   */
  cell({ key, form, better }, value, { color }) {
    const all = [...this.rows.values()].flatMap((row) => row[key] ?? []);
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
 * How the table is sorted when a heading is pressed: by the better end of its column first, by the other one when it is
 * pressed again. Names, and what is better small, begin with the least.
 * @param {Sorting} sorting as it is
 * @param {Pick<Column, "key" | "better">} column
 * @returns {Sorting}
 */
export const sortedNext = (sorting, { key, better }) => ({
  key,
  down: sorting.key === key ? !sorting.down : better === "more",
});

/**
 * Places of the methods in the order that is shown; what has no value stands last, and equal ones as they were.
 * @param {Pick<Method, "label">[]} methods
 * @param {Map<number, Row>} rows
 * @param {Sorting} sorting
 */
export function order(methods, rows, { key, down }) {
  const places = methods.map((_, place) => place);
  if (key === null) return places;
  const sign = down ? -1 : 1;
  if (key === "method") {
    return places.sort((one, other) => sign * methods[one].label.localeCompare(methods[other].label) || one - other);
  }
  /** @param {number} place */
  const value = (place) => rows.get(place)?.[key] ?? null;
  return places.sort((one, other) => {
    const [left, right] = [value(one), value(other)];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || one - other;
    return sign * (left - right) || one - other;
  });
}
