// The controls of the sparsity lab. They show what the kernel sends, and send what was entered; they decide nothing.

import { h } from "../../shared/page/dom.js";
import { grouped, percent } from "../../shared/page/format.js";
import { photographField } from "../../shared/page/upload.js";
import { BandButtons } from "./band_buttons.js";

const STEPS = 300; // of the slider, evenly spaced on a logarithmic axis; where they fall together there are fewer

/**
 * @import { FromPage, Setup, State } from "./messages.d.ts"
 * @import { Photograph } from "../../shared/page/messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class LabControls {
  n = 0; // coefficients
  levels = 0;
  values = [0]; // the number of coefficients at each step of the slider

  /**
   * @param {Translator} t
   * @param {(message: FromPage, buffers?: ArrayBuffer[]) => void} send to the kernel
   * @param {(k: number) => void} keep asks for another number of coefficients
   */
  constructor(t, send, keep) {
    this.t = t;
    this.keep = keep;
    /**
     * @param {string} text
     * @param {string} title
     * @param {() => void} onclick
     */
    const button = (text, title, onclick, attributes = {}) =>
      h("button", { title, onclick, "aria-label": title, ...attributes }, text);
    /** @param {Element[]} children */
    const group = (...children) => h("div", { class: "cx-group" }, ...children);
    /** @param {string} text */
    const caption = (text) => h("span", { class: "cx-caption", "aria-hidden": "true" }, text);

    this.picture = h("select", {
      "aria-label": t("Picture"),
      title: t("Choose a photograph or a drawing"),
      onchange: () => send({ type: "photograph", name: this.picture.value }),
    });
    this.file = photographField(t, send);
    this.representation = h("select", {
      "aria-label": t("Representation"),
      title: t("What the picture is taken apart into"),
      onchange: () => send({ type: "representation", name: this.representation.value }),
    });
    this.fewer = button(
      "−",
      t("Put the coarsest scale together again"),
      () => send({ type: "levels", levels: this.levels - 1 }),
    );
    this.more = button("+", t("Split the lowpass once more"), () => send({ type: "levels", levels: this.levels + 1 }));
    this.depth = h("span", { class: "cx-depth", role: "status" });

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
    this.none = button("0", t("Keep none"), () => this.keep(0), { class: "cx-small" });
    this.whole = button(t("all"), t("Keep all"), () => this.keep(this.n), { class: "cx-small" });

    this.bands = new BandButtons(t, (off) => send({ type: "bands", off }));
    this.first = h(
      "div",
      { class: "cx-row" },
      group(
        caption(t("picture")),
        this.picture,
        button(t("Upload…"), t("Upload a photograph of your own"), () => this.file.click()),
        this.file,
      ),
      group(caption(t("representation")), this.representation),
      group(caption(t("levels")), this.fewer, this.depth, this.more),
      button(t("Reset"), t("Everything but the picture as it was at first"), () => send({ type: "reset" })),
    );
    this.second = h(
      "div",
      { class: "cx-row cx-keep" },
      group(caption(t("keep k =")), this.number, this.none, this.slider, this.whole),
      this.share,
    );
  }

  /** @param {Setup} setup */
  set(setup) {
    const { t } = this;
    /** @param {Photograph[]} items */
    const options = (items) => items.map(({ name, title }) => h("option", { value: name }, t(title)));
    const known = [...setup.photographs, ...setup.drawings];
    const own = known.some(({ name }) => name === setup.photograph)
      ? []
      : [h("option", { value: setup.photograph }, setup.photograph)];
    this.picture.replaceChildren(
      h("optgroup", { label: t("photographs") }, ...options(setup.photographs), ...own),
      h("optgroup", { label: t("drawings") }, ...options(setup.drawings)),
    );
    const names = setup.names.includes(setup.representation) ? setup.names : [...setup.names, setup.representation];
    this.representation.replaceChildren(...names.map((name) => h("option", { value: name }, t(name))));
    this.n = setup.n;
    this.values = logarithmicValues(setup.n);
    this.slider.max = String(this.values.length - 1);
    this.number.max = String(setup.n);
    this.bands.set(setup);
  }

  /**
   * What the kernel has taken, which is not always what was chosen.
   * @param {Omit<State, "type">} state
   */
  showState({ photograph, representation, levels, most, k, off }) {
    const { t } = this;
    this.picture.value = photograph;
    this.representation.value = representation;
    this.levels = levels;
    this.fewer.disabled = levels === 0;
    this.more.disabled = levels === most;
    this.depth.textContent = t("{levels} of {most}", { levels, most });
    this.bands.show(off);
    this.showKept(k);
  }

  /**
   * The slider and the field at a number of coefficients.
   * @param {number} k
   */
  showKept(k) {
    this.slider.value = String(this.values.findIndex((value) => value >= k));
    this.number.value = String(k);
    const text = shareKept(k / this.n);
    this.slider.setAttribute("aria-valuetext", this.t("{k} of {n}", { k: grouped(k), n: grouped(this.n) }));
    this.share.textContent = this.t("{share} of {n}", { share: text, n: grouped(this.n) });
  }

  enter() {
    const value = this.number.valueAsNumber;
    if (Number.isNaN(value)) this.showKept(this.values[Number(this.slider.value)]); // it was left empty
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
