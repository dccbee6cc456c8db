// Which methods are seen in the figures.

import { methodMark } from "./method_styles.js";
import { h } from "../../shared/page/dom.js";
import { grouped } from "../../shared/page/format.js";

/**
 * @import { Records } from "./records.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/** A button for each method: a press hides or shows it in the figures. */
export class MethodsLegend {
  /**
   * @param {Translator} t
   * @param {Records} records
   * @param {Set<string>} hidden names of methods; the buttons change it
   * @param {() => void} changed
   */
  constructor(t, records, hidden, changed) {
    this.hidden = hidden;
    this.buttons = records.methods.map((name, index) => {
      const toggle = () => {
        if (!hidden.delete(name)) hidden.add(name);
        this.mark();
        changed();
      };
      const count = h("small", { class: "cx-caption" }, grouped(records.ofMethod(index).length));
      const title = t("Show or hide {name} in the figures", { name });
      return h(
        "button",
        { title, "data-method": name, onclick: toggle },
        methodMark(index),
        h("span", {}, name),
        count,
      );
    });
    this.element = h(
      "div",
      { class: "cx-legend cx-methods", role: "group", "aria-label": t("Methods") },
      ...this.buttons,
    );
    this.mark();
  }

  mark() {
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(!this.hidden.has(button.dataset.method ?? "")));
    }
  }
}
