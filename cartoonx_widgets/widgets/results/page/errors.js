// What went wrong: how often, and with which photographs, in a list that opens.

import { h } from "../../shared/page/dom.js";
import { grouped } from "../../shared/page/format.js";

/**
 * @import { Records } from "./records.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class Errors {
  #filled = false;

  /**
   * @param {Translator} t
   * @param {Records} records
   * @param {(photograph: number) => void} pick
   */
  constructor(t, records, pick) {
    const { count, kinds, listed } = records.errors;
    /** @param {[number, number[], string]} error */
    const row = ([photograph, methods, message]) =>
      h(
        "tr",
        {},
        h(
          "td",
          {},
          h("button", { class: "cx-score", onclick: () => pick(photograph) }, records.photographs[photograph]),
        ),
        h("td", {}, methods.map((index) => records.methods[index]).join(", ")),
        h("td", {}, message),
      );
    const fill = () => {
      if (!this.element.open || this.#filled) return;
      this.#filled = true;
      const head = [t("photograph"), t("methods"), t("message")].map((name) => h("th", { scope: "col" }, name));
      const rest = kinds - listed.length;
      this.scroll.replaceChildren(
        h(
          "table",
          { class: "cx-table cx-errors" },
          h("thead", {}, h("tr", {}, ...head)),
          h("tbody", {}, ...listed.map(row)),
        ),
        ...(rest > 0 ? [h("p", { class: "cx-caption" }, t("and {count} more", { count: grouped(rest) }))] : []),
      );
    };
    const summary = count === 1
      ? t("1 explanation failed")
      : t("{count} explanations failed", { count: grouped(count) });
    this.scroll = h("div", { class: "cx-scroll", tabindex: "0", role: "group", "aria-label": t("Errors") });
    this.element = h(
      "details",
      { class: "cx-failures", hidden: !count, ontoggle: fill },
      h("summary", {}, summary),
      this.scroll,
    );
  }
}
