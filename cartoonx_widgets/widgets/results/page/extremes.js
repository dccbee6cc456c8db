// The best and the worst photographs by a score: photograph and cartoon, to click on.

import { methodMark } from "./methods.js";
import { figure, scoreLabel } from "./scores.js";
import { h } from "../../shared/page/dom.js";

export class Extremes {
  /** `worst`: which end; `pick(record)` is told which was pressed. */
  constructor(t, records, worst, pick) {
    Object.assign(this, { t, records, worst, pick });
    this.heading = h("h3", {});
    this.list = h("div", { class: "cx-grid" });
    this.element = h(
      "section",
      { class: "cx-panel", "data-end": worst ? "worst" : "best" },
      h("header", {}, this.heading),
      this.list,
    );
  }

  /** `method`: a place in the list of methods, null for all. */
  update({ score, method }) {
    const { t, records, worst } = this;
    const label = scoreLabel(t, score);
    this.heading.textContent = worst ? t("Worst by {score}", { score: label }) : t("Best by {score}", { score: label });
    const rows = records.ranked(score, method, records.shown, { worst });
    this.buttons = rows.map((i) => this.button(i, score, method === null));
    this.list.replaceChildren(
      ...(rows.length ? this.buttons : [h("p", { class: "cx-caption" }, t("Nothing to show yet."))]),
    );
  }

  button(i, score, named) {
    const { t, records } = this;
    const many = records.seeds.length > 1;
    const place = records.photographOf[i];
    const [photograph, cartoon] = [records.photographPicture(place), records.cartoonPicture(i)];
    const before = records.of("probability")[i].toFixed(2);
    const after = records.of("cartoon_probability")[i].toFixed(2);
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
          `${t("share kept")} ${figure("share_kept", records.of("share_kept")[i])}`,
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
        h("b", {}, figure(score, records.of(score)[i])),
        h("span", { class: "cx-cut" }, records.label(i)),
      ),
      ...(by.length ? [h("span", { class: "cx-line-two" }, ...by)] : []),
    );
  }

  /** Mark what shows the photograph that is picked. */
  mark(photograph) {
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(this.records.photographOf[button.dataset.record] === photograph));
    }
  }
}
