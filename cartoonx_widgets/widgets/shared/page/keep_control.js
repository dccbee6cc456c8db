// How many of the largest coefficients are kept: a field, a slider, and buttons for none and all.

import { caption, group, h } from "./dom.js";
import { grouped, percent } from "./format.js";

/** @import { Translator } from "./types.d.ts" */

const STEPS = 300; // of the slider, evenly spaced on a logarithmic axis; where they fall together there are fewer

export class KeepControl {
  n = 0; // coefficients
  values = [0]; // the number of coefficients at each step of the slider

  /**
   * @param {Translator} t
   * @param {(k: number) => void} keep asks for another number of coefficients
   */
  constructor(t, keep) {
    this.t = t;
    this.keep = keep;
    /** @param {string} text @param {string} title @param {() => void} onclick */
    const button = (text, title, onclick) =>
      h("button", { title, onclick, "aria-label": title, class: "cx-small" }, text);
    this.slider = h("input", {
      type: "range",
      min: 0,
      class: "cx-wide",
      "aria-label": t("Coefficients kept, logarithmic"),
      title: t("How many of the largest coefficients are kept, from none to all"),
      oninput: () => this.keep(this.values[Number(this.slider.value)]),
    });
    this.number = h("input", {
      type: "number",
      min: 0,
      step: 1,
      "aria-label": t("Coefficients kept"),
      title: t("How many of the largest coefficients are kept, from none to all"),
      onchange: () => this.enter(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && this.enter(),
    });
    this.share = h("span", { class: "cx-where" });
    this.element = h(
      "div",
      { class: "cx-row cx-keep" },
      group(
        caption(t("keep k =")),
        this.number,
        button("0", t("Keep none"), () => this.keep(0)),
        this.slider,
        button(t("all"), t("Keep all"), () => this.keep(this.n)),
      ),
      this.share,
    );
  }

  /** @param {number} n coefficients */
  set(n) {
    this.n = n;
    this.values = logarithmicValues(n);
    this.slider.max = String(this.values.length - 1);
    this.number.max = String(n);
  }

  /**
   * The slider and the field at a number of coefficients.
   * @param {number} k
   */
  show(k) {
    this.slider.value = String(this.values.findIndex((value) => value >= k));
    this.number.value = String(k);
    const text = shareKept(k / this.n);
    this.slider.setAttribute("aria-valuetext", this.t("{k} of {n}", { k: grouped(k), n: grouped(this.n) }));
    this.share.textContent = this.t("{share} of {n}", { share: text, n: grouped(this.n) });
  }

  enter() {
    const value = this.number.valueAsNumber;
    if (Number.isNaN(value)) this.show(this.values[Number(this.slider.value)]); // it was left empty
    else this.keep(value);
  }
}

/**
 * The numbers of coefficients at the steps of the slider: none, then evenly on a logarithmic axis to all.
 * @param {number} n all
 */
export function logarithmicValues(n) {
  const all = Array.from({ length: STEPS }, (_, step) => Math.round(n ** (step / (STEPS - 1))));
  return [0, ...new Set(all)];
}

/**
 * A share in per cent; what is little but not nothing is not shown as 0.
 * @param {number} share
 */
export const shareKept = (share) => (share > 0 && share < 0.001 ? "< 0.1 %" : percent(share));
