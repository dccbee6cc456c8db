// How often the lowpass is split: a button for one level less, one for one more.

import { button, caption, group, h } from "./dom.js";

/** @import { Translator } from "./types.d.ts" */

export class LevelsControl {
  levels = 0;

  /**
   * @param {Translator} t
   * @param {(levels: number) => void} choose asks for another number of levels
   */
  constructor(t, choose) {
    this.t = t;
    this.fewer = button("−", t("Undo the coarsest split"), () => choose(this.levels - 1));
    this.more = button("+", t("Split the lowpass once more"), () => choose(this.levels + 1));
    this.depth = h("span", { class: "cx-depth", role: "status" });
    this.element = group(caption(t("levels")), this.fewer, this.depth, this.more);
  }

  /**
   * @param {number} levels
   * @param {number} most
   */
  show(levels, most) {
    this.levels = levels;
    this.fewer.disabled = levels === 0;
    this.more.disabled = levels === most;
    this.depth.textContent = this.t("{levels} of {most}", { levels, most });
  }
}
