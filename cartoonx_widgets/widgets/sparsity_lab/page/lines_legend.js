// What the lines of all charts mean: a press shows or hides one in each of them.

import { h } from "../../shared/page/dom.js";
import { sample } from "../../shared/page/line_legend.js";

/** @import { Translator } from "../../shared/page/types.d.ts" */

/**
 * Dashes as SVG has them.
 * @type {Record<string, { color: string, dash: string }>}
 */
export const LINE_STYLES = {
  representation: { color: "#0072b2", dash: "solid" },
  cosine: { color: "#009e73", dash: "9px,3px" },
  fourier: { color: "#d55e00", dash: "3px,3px" },
  pixels: { color: "#767676", dash: "9px,3px,3px,3px" },
  before: { color: "#cc79a7", dash: "2px,5px" },
};

export class LinesLegend {
  /** @type {Set<string>} */
  hidden = new Set(); // keys of lines
  /** @type {{ key: string, element: HTMLElement }[]} */
  buttons = [];

  /**
   * @param {Translator} t
   * @param {() => void} changed
   */
  constructor(t, changed) {
    this.t = t;
    this.changed = changed;
    this.element = h("div", { class: "cx-legend cx-shared" });
  }

  /** @param {{ key: string, label: string, more: string }[]} lines */
  update(lines) {
    this.buttons = lines.map(({ key, label, more }) => {
      const toggle = () => {
        if (!this.hidden.delete(key)) this.hidden.add(key);
        this.mark();
        this.changed();
      };
      const title = this.t("Show or hide the curve of {name}", { name: label });
      const tail = more ? h("small", { class: "cx-caption" }, more) : null;
      const attributes = { title, "data-key": key, onclick: toggle };
      return { key, element: h("button", attributes, sample(LINE_STYLES[key]), label, tail) };
    });
    this.element.replaceChildren(...this.buttons.map(({ element }) => element));
    this.mark();
  }

  mark() {
    for (const { key, element } of this.buttons) element.setAttribute("aria-pressed", String(!this.hidden.has(key)));
  }
}
