// The objective of a run in one line. Pointing at a term lights its curve and the panels that it speaks of.

import { CURVES } from "./curves.js";
import { h } from "../../shared/page/dom.js";
import { percent } from "../../shared/page/format.js";
import { phrase } from "../../shared/page/texts.js";

/** @import { Translator } from "../../shared/page/types.d.ts" */

/**
 * What each term measures, where it was published, and which panels show it, by the name of its curve.
 * @type {Record<string, { about: string, panels: ("cartoon" | "mosaic" | "shares" | "probabilities")[] }>}
 */
export const TERMS = {
  distortion: {
    about: phrase(
      "How far the classifier's output for the obfuscated photograph is from its aim, the mean over the noise (ECCV 2022).",
    ),
    panels: ["cartoon", "probabilities"],
  },
  l1: {
    about: phrase("The mean of the mask: the share of the coefficients that is kept (ECCV 2022)."),
    panels: ["mosaic", "shares"],
  },
  spatial_l1: {
    about: phrase("The mean brightness of the cartoon: less leaves more of it black (CVPR 2023, section 4)."),
    panels: ["cartoon"],
  },
  spatial_l2: {
    about: phrase("The root mean square of the cartoon's brightness: bright pixels count most."),
    panels: ["cartoon"],
  },
  tv: {
    about: phrase("Squared differences of neighbours in a mask on pixels: less is smoother (the code of CVPR 2023)."),
    panels: ["cartoon", "mosaic"],
  },
  area: {
    about: phrase(
      "How far the mask is from keeping just the chosen area; its weight grows during the run (area constraint, ICCV 2019).",
    ),
    panels: ["mosaic", "shares"],
  },
};
const BUDGET = phrase("A budget in place of a weight: at most this share of the coefficients is kept, by projection.");

/**
 * A term of the objective: its curve, with the weight that multiplies it, or the most that it may be.
 * @typedef {{ name: string, weight?: number, most?: number }} Term
 */

/**
 * The terms that count: the distortion, the penalties that have a weight, and the budget, if there is one.
 * @param {readonly string[]} curves of the run, by which it names its terms
 * @param {readonly { path: string, value: unknown }[]} settings of its method
 * @returns {Term[]}
 */
export function termsOf(curves, settings) {
  const values = Object.fromEntries(settings.map(({ path, value }) => [path, Number(value)]));
  const terms = curves.map((name) => ({ name, weight: name === "distortion" ? 1 : values[`lambda_${name}`] ?? 0 }));
  const { keep = 1 } = values;
  return [...terms.filter(({ weight }) => weight > 0), ...(keep < 1 ? [{ name: "l1", most: keep }] : [])];
}

export class Objective {
  /** What is there, to tell whether it has changed. */
  known = "";
  /** @type {{ term: Term, element: HTMLElement, about: HTMLElement }[]} */
  shown = [];
  /** @type {HTMLElement | null} the term that is pointed at, or has the focus */
  pointed = null;
  /** @type {HTMLElement | null} the term that was pressed, which stays lit */
  pressed = null;

  /**
   * @param {Translator} t
   * @param {(name: string | null) => void} light gets the name of the term to be lit, null for none
   */
  constructor(t, light) {
    this.t = t;
    this.light = light;
    this.formula = h("p", {});
    this.hint = h("span", {}, t("Point at a term: its curve and its panels light up; a press keeps them lit."));
    this.abouts = h("p", { class: "cx-abouts" });
    this.element = h(
      "div",
      { class: "cx-objective", role: "group", "aria-label": t("Objective"), hidden: true },
      this.formula,
      this.abouts,
    );
  }

  /**
   * @param {readonly string[]} curves of the run
   * @param {readonly { path: string, value: unknown }[]} settings of its method
   */
  show(curves, settings) {
    const terms = termsOf(curves, settings);
    const known = terms.map(({ name, most }) => `${name} ${most !== undefined}`).join();
    if (known !== this.known) this.build(terms);
    this.known = known;
    const { t } = this;
    terms.forEach((term, i) => {
      const { text, label } = inWords(t, term);
      const { element } = this.shown[i];
      if (element.textContent !== text) element.textContent = text;
      element.setAttribute("aria-label", label);
    });
  }

  /** @private @param {Term[]} terms */
  build(terms) {
    const { t } = this;
    this.shown = terms.map((term) => {
      const { color = "", dash = "" } = CURVES[term.name] ?? {};
      const sentence = term.most === undefined ? TERMS[term.name]?.about : BUDGET;
      const about = h("span", { id: `cx-${Math.random().toString(36).slice(2)}` }, sentence ? t(sentence) : "");
      const element = h("span", {
        class: "cx-term",
        role: "button",
        tabindex: "0",
        "aria-pressed": "false",
        "aria-describedby": about.id,
        style: `border-bottom: 3px ${dash === "solid" ? "solid" : "dashed"} ${color}`,
        onpointerenter: (/** @type {PointerEvent} */ { pointerType }) => pointerType !== "touch" && this.point(element),
        onpointerleave: () => this.point(null),
        onfocus: () => element.matches(":focus-visible") && this.point(element),
        onblur: () => this.point(null),
        onclick: () => this.press(this.pressed === element ? null : element),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event, element),
      });
      return { term, element, about };
    });
    const bound = terms.findIndex(({ most }) => most !== undefined);
    const parts = this.shown.flatMap(({ element }, i) => [i === 0 ? "" : i === bound ? ", " : " + ", element]);
    this.formula.replaceChildren(`${t("loss")} = `, ...parts);
    this.abouts.replaceChildren(this.hint, ...this.shown.map(({ about }) => about));
    this.element.hidden = !terms.length;
    this.pointed = null;
    this.press(null);
  }

  /** @private @param {HTMLElement | null} element */
  point(element) {
    this.pointed = element;
    this.update();
  }

  /** @private @param {HTMLElement | null} element */
  press(element) {
    this.pressed = element;
    this.update();
  }

  /** @private @param {KeyboardEvent} event @param {HTMLElement} element */
  key(event, element) {
    if (event.key === "Enter" || event.key === " ") element.click();
    else if (event.key === "Escape" && (this.pointed || this.pressed)) {
      this.pointed = null;
      this.press(null);
    } else return;
    event.preventDefault();
    event.stopPropagation(); // it means this term alone
  }

  /** @private */
  update() {
    const lit = this.pointed ?? this.pressed;
    let name = null;
    for (const { term, element, about } of this.shown) {
      const isLit = element === lit;
      if (isLit) name = term.name;
      element.classList.toggle("cx-lit", isLit);
      element.setAttribute("aria-pressed", String(element === this.pressed));
      about.classList.toggle("cx-now", isLit);
    }
    this.hint.classList.toggle("cx-now", !lit);
    this.light(name);
  }
}

/**
 * A term as it stands in the formula, and as it is read out.
 * @param {Translator} t
 * @param {Term} term
 */
export function inWords(t, { name, weight = 1, most }) {
  const curve = CURVES[name] ? t(CURVES[name].label) : name;
  if (most !== undefined) {
    const share = percent(most);
    return { text: `${curve} ≤ ${share}`, label: t("{curve} at most {share}", { curve, share }) };
  }
  if (name === "distortion") return { text: curve, label: curve };
  const factor = String(Number(weight.toPrecision(3)));
  return { text: `${factor} · ${curve}`, label: t("{weight} times {curve}", { weight: factor, curve }) };
}
