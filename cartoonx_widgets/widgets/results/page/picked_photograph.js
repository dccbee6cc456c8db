// One photograph: what every method made of it with every seed, a row each.

import { methodMark } from "./method_styles.js";
import { betterArrow, formatted, scoreAbout, scoreLabel } from "./scores.js";
import { h } from "../../shared/page/dom.js";

/**
 * @import { Records } from "./records.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * A column of the table: its heading, its tooltip, and what it says of a record.
 * @typedef {{ label: (string | Element)[], about: string, cell: (record: number) => string | Element }} Column
 */

export class PickedPhotograph {
  /**
   * @param {Translator} t
   * @param {Records} records
   * @param {((photograph: number) => void) | null} ask wants pictures that the page does not have; null where nobody
   *   can be asked
   */
  constructor(t, records, ask) {
    this.t = t;
    this.records = records;
    this.ask = ask;
    this.heading = h("h3", { class: "cx-cut" });
    this.about = h("p", { class: "cx-figures" });
    this.scroll = h("div", { class: "cx-scroll", tabindex: "0", role: "group" });
    this.element = h("section", { class: "cx-panel cx-one" }, h("header", {}, this.heading), this.scroll, this.about);
  }

  /** @param {number | null} photograph a place in the list of photographs, null for none */
  update(photograph) {
    const { t, records } = this;
    const rows = photograph === null ? [] : records.ofPhotograph(photograph);
    const name = photograph !== null && rows.length ? records.photographs[photograph] : t("Picked photograph");
    this.heading.textContent = name;
    this.heading.title = name;
    this.scroll.setAttribute("aria-label", t("{name} by each method", { name }));
    if (photograph === null || !rows.length) {
      this.scroll.replaceChildren(
        h("p", { class: "cx-caption" }, t("Pick a photograph in the figures or below them.")),
      );
      this.about.textContent = "";
      return;
    }
    const sound = rows.filter((i) => !records.failed(i));
    const missing = sound.some((i) => !records.cartoonPicture(i));
    if (missing && this.ask) this.ask(photograph);
    this.about.textContent = [
      sound.length
        ? t("Explained: {label}, {probability} for the photograph.", {
          label: records.label(sound[0]),
          probability: records.of("probability_before")[sound[0]].toFixed(2),
        })
        : "",
      missing && !this.ask
        ? t("This page has pictures of the best and the worst photographs; a notebook shows those of all.")
        : "",
    ].join(" ");
    this.scroll.replaceChildren(this.table(rows));
  }

  /** @param {number[]} rows records of one photograph */
  table(rows) {
    const { t, records } = this;
    const photograph = records.photographPicture(records.photographOf[rows[0]]);
    const label = records.label(rows.find((i) => !records.failed(i)) ?? rows[0]);
    const alt = t("photograph: {label} {probability}", {
      label,
      probability: records.of("probability_before")[rows[0]].toFixed(2),
    });
    const columns = this.columns();
    return h(
      "table",
      { class: "cx-table cx-side" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("td", {}, photograph ? h("img", { src: photograph, alt }) : ""),
          ...columns.map(({ label, about }) => h("th", { scope: "col", title: about || null }, ...label)),
        ),
      ),
      h("tbody", {}, ...rows.map((i) => this.row(i, columns))),
    );
  }

  /**
   * What there is to say of each record.
   * @returns {Column[]}
   */
  columns() {
    const { t, records } = this;
    return [
      {
        label: [t("class")],
        about: t("Whether the classifier gives the cartoon the same class."),
        cell: (i) => this.fate(i),
      },
      {
        label: [t("probability")],
        about: t("Of the explained class, for the cartoon."),
        cell: (i) => records.of("probability")[i].toFixed(2),
      },
      ...Object.keys(records.scores).map((name) => ({
        label: [scoreLabel(t, records, name), " ", betterArrow(t, records, name)],
        about: scoreAbout(t, records, name),
        cell: (/** @type {number} */ i) => formatted(records, name, records.of(name)[i]),
      })),
    ];
  }

  /**
   * @param {number} i record
   * @param {Column[]} columns
   */
  row(i, columns) {
    const cells = columns.map(({ cell }) => h("td", {}, this.records.failed(i) ? "–" : cell(i)));
    return h("tr", {}, this.head(i), ...cells);
  }

  /**
   * A record's cartoon, and which method it is of.
   * @param {number} i record
   */
  head(i) {
    const { t, records } = this;
    const source = records.cartoonPicture(i);
    const probability = records.of("probability")[i].toFixed(2);
    const alt = t("cartoon: {label} {probability}", { label: records.label(i), probability });
    const none = h("span", { class: "cx-nothing" }, records.failed(i) ? t("error") : t("no picture"));
    const seed = records.seeds.length > 1 ? [h("br"), t("seed {seed}", { seed: records.seed(i) })] : [];
    const picture = source ? h("img", { src: source, alt }) : none;
    return h(
      "th",
      { scope: "row" },
      picture,
      h("span", { class: "cx-name-of" }, methodMark(records.methodOf[i]), " ", records.method(i), ...seed),
    );
  }

  /**
   * What has become of the class.
   * @param {number} i record
   */
  fate(i) {
    const { t, records } = this;
    if (records.kept(i)) return h("span", {}, `✓ ${t("kept")}`);
    return h(
      "span",
      { class: "cx-warning", title: records.cartoonLabel(i) },
      "✗ ",
      h("span", {}, records.cartoonLabel(i)),
    );
  }
}
