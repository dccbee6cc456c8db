// The best and the worst photographs by a score: photograph and cartoon, to click on.

import { methodMark } from "./method_styles.js";
import { formatted, scoreLabel } from "./scores.js";
import { h } from "../../shared/page/dom.js";

/**
 * @import { Records } from "./records.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class Extremes {
  /**
   * @param {Translator} t
   * @param {Records} records
   * @param {boolean} worst which end
   * @param {(record: number) => void} pick gets the one that was pressed
   */
  constructor(t, records, worst, pick) {
    this.t = t;
    this.records = records;
    this.worst = worst;
    this.pick = pick;
    /** @type {{ record: number, element: HTMLElement }[]} */
    this.buttons = [];
    this.heading = h("h3", {});
    this.list = h("div", { class: "cx-grid" });
    this.element = h(
      "section",
      { class: "cx-panel", "data-end": worst ? "worst" : "best" },
      h("header", {}, this.heading),
      this.list,
    );
  }

  /** @param {{ score: string, method: number | null }} choices the method as a place in the list, null for all */
  update({ score, method }) {
    const { t, records, worst } = this;
    const label = scoreLabel(t, records, score);
    this.heading.textContent = worst ? t("Worst by {score}", { score: label }) : t("Best by {score}", { score: label });
    const rows = records.ranked(score, method, records.shown, { worst });
    this.buttons = rows.map((record) => ({ record, element: this.button(record, score, method === null) }));
    this.list.replaceChildren(
      ...(rows.length
        ? this.buttons.map(({ element }) => element)
        : [h("p", { class: "cx-caption" }, t("Nothing to show yet."))]),
    );
  }

  /**
   * @param {number} i record
   * @param {string} score
   * @param {boolean} named whether it names its method
   */
  button(i, score, named) {
    const { t, records } = this;
    const many = records.seeds.length > 1;
    const index = records.photographOf[i];
    const [photograph, cartoon] = [records.photographPicture(index), records.cartoonPicture(i)];
    const before = records.of("probability_before")[i].toFixed(2);
    const after = records.of("probability")[i].toFixed(2);
    const pictures = photograph && cartoon
      ? [
        h("img", {
          src: photograph,
          alt: t("photograph: {label} {probability}", { label: records.label(i), probability: before }),
        }),
        h("img", {
          src: cartoon,
          alt: t("cartoon: {label} {probability}", { label: records.label(i), probability: after }),
        }),
      ]
      : [
        h(
          "span",
          { class: "cx-unpictured" },
          `${before} → ${after}`,
          h("br"),
          `${t("share kept")} ${formatted(records, "share_kept", records.of("share_kept")[i])}`,
        ),
      ];
    const by = [
      ...(named ? [methodMark(records.methodOf[i]), h("span", { class: "cx-cut" }, records.method(i))] : []),
      ...(many ? [h("span", {}, t("seed {seed}", { seed: records.seed(i) }))] : []),
    ];
    return h(
      "button",
      { class: "cx-pair", title: records.photograph(i), "data-record": i, onclick: () => this.pick(i) },
      h("span", { class: "cx-two" }, ...pictures),
      h(
        "span",
        { class: "cx-line-one" },
        h("b", {}, formatted(records, score, records.of(score)[i])),
        h("span", { class: "cx-cut" }, records.label(i)),
      ),
      ...(by.length ? [h("span", { class: "cx-line-two" }, ...by)] : []),
    );
  }

  /**
   * Mark what shows the photograph that is picked.
   * @param {number | null} photograph
   */
  mark(photograph) {
    for (const { record, element } of this.buttons) {
      element.setAttribute("aria-pressed", String(this.records.photographOf[record] === photograph));
    }
  }
}
