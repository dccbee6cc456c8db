// One photograph: what every method made of it with every seed, side by side.

import { methodMark } from "./method_styles.js";
import { betterArrow, formatted, scoreAbout, scoreLabel } from "./scores.js";
import { h } from "../../shared/page/dom.js";

/**
 * @import { Records } from "./records.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
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
    const scores = Object.keys(records.scores);
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
          ...rows.map((i) => this.head(i)),
        ),
      ),
      h(
        "tbody",
        {},
        this.row(
          [t("class")],
          t("Whether the classifier gives the cartoon the same class."),
          rows,
          (i) => this.fate(i),
        ),
        this.row(
          [t("probability")],
          t("Of the explained class, for the cartoon."),
          rows,
          (i) => records.of("probability")[i].toFixed(2),
        ),
        ...scores.map((name) => {
          const about = scoreAbout(t, records, name);
          const label = [scoreLabel(t, records, name), " ", betterArrow(t, records, name)];
          return this.row(label, about, rows, (i) => formatted(records, name, records.of(name)[i]));
        }),
      ),
    );
  }

  /** @param {number} i record */
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
      { scope: "col" },
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

  /**
   * @param {(string | Element)[]} label
   * @param {string} about
   * @param {number[]} rows records
   * @param {(record: number) => string | Element} cell
   */
  row(label, about, rows, cell) {
    const cells = rows.map((i) => h("td", {}, this.records.failed(i) ? "–" : cell(i)));
    return h("tr", {}, h("th", { scope: "row", title: about || null }, ...label), ...cells);
  }
}
