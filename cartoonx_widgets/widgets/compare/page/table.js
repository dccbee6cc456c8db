// The table of scores, which sorts by any of its columns.

import { lineSample, written } from "./styles.js";
import { h } from "../../shared/page/dom.js";

export class ScoreTable {
  constructor(t) {
    this.t = t;
    this.rows = new Map(); // by place
    this.sorted = { key: null, down: true };
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

  set(columns, methods) {
    this.columns = columns;
    this.methods = methods;
    this.rows.clear();
    this.sorted = { key: null, down: true };
    this.draw();
  }

  update(place, row) {
    this.rows.set(place, row);
    this.draw();
  }

  /** Sort by a column, the better end first; by the other end when it is pressed again. */
  sort(key) {
    const column = this.columns.find((one) => one.key === key);
    const first = column?.better === "more"; // names and what is better small begin with the least
    this.sorted = { key, down: this.sorted.key === key ? !this.sorted.down : first };
    this.draw();
    this.head.querySelector(`[data-key="${key}"]`).focus();
  }

  /** Places of the methods in the order that is shown; what has no value stands last. */
  order() {
    const places = this.methods.map((_, place) => place);
    const { key, down } = this.sorted;
    if (key === null) return places;
    const value = (place) => (key === "method" ? this.methods[place].label : this.rows.get(place)?.[key]) ?? null;
    const compare = (one, other) => (typeof one === "string" ? one.localeCompare(other) : one - other);
    return places.sort((one, other) => {
      const [left, right] = [value(one), value(other)];
      if (left === null || right === null) return (left === null) - (right === null) || one - other;
      return (down ? -1 : 1) * compare(left, right) || one - other;
    });
  }

  draw() {
    const heading = this.head.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.head.replaceChildren(
      this.header({ key: "method", label: this.t("Method"), about: this.t("What is compared."), better: "" }),
      ...this.columns.map((column) =>
        this.header({ ...column, label: this.t(column.label), about: this.t(column.about) })
      ),
    );
    this.body.replaceChildren(...this.order().map((place) => this.line(place)));
    if (heading) this.head.querySelector(`[data-key="${heading}"]`).focus();
  }

  header({ key, label, about, better }) {
    const { t } = this;
    const words = { more: t("More is better."), less: t("Less is better."), "": "" }[better];
    const sorted = this.sorted.key === key;
    const tell = () => (this.hint.textContent = [about, words].filter(Boolean).join(" "));
    const rest = () => (this.hint.textContent = this.rest);
    const arrow = { more: " ↑", less: " ↓", "": "" }[better];
    const mark = sorted ? (this.sorted.down ? " ▼" : " ▲") : "";
    return h(
      "th",
      { scope: "col", "aria-sort": sorted ? (this.sorted.down ? "descending" : "ascending") : "none" },
      h(
        "button",
        {
          "data-key": key,
          title: [about, words].filter(Boolean).join(" "),
          onclick: () => this.sort(key),
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

  line(place) {
    const method = this.methods[place];
    const row = this.rows.get(place) ?? {};
    const cells = this.columns.map((column) => this.cell(column, row[column.key] ?? null, method));
    return h("tr", {}, h("th", { scope: "row" }, lineSample(method), method.label), ...cells);
  }

  cell({ key, form, better }, value, { color }) {
    const all = [...this.rows.values()].map((row) => row[key]).filter((one) => typeof one === "number");
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
