// A control for one setting, by its kind. It shows what the kernel sends, and sends what was entered.

import { caption, h } from "../../shared/page/dom.js";

/**
 * @import { ChangeSetting, ShownSetting } from "./messages.d.ts"
 * @import { Words } from "./method_names.js"
 * @import { Send, Translator } from "../../shared/page/types.d.ts"
 */

/**
 * A control: its elements, the main one among them, and how it shows a value of a setting.
 * @typedef {object} Control
 * @property {(HTMLInputElement | HTMLSelectElement)[]} parts
 * @property {HTMLInputElement | HTMLSelectElement} main
 * @property {(value: any, setting: ShownSetting) => void} show
 *
 * @typedef {number | string | boolean} Value
 */

const HOLD = 500; // milliseconds in which an answer to what a slider sent earlier does not move it back

/**
 * "λ_TV" with its index set low.
 * @param {string} text
 */
function symbol(text) {
  if (!text) return "";
  const [base, index] = text.split("_");
  return h("i", { class: "cx-symbol" }, base, index ? h("sub", {}, index) : null);
}

/** One setting; `words` name whose value its tooltip shows: that of the paper, of our preset, or of the user. */
export class Field {
  /** When an answer may move the control again. */
  held = 0;
  /** @type {Words | null} */
  words = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  later;
  element = h("div");

  /**
   * @param {Translator} t
   * @param {ShownSetting} setting
   * @param {Send<ChangeSetting>} send
   */
  constructor(t, setting, send) {
    this.t = t;
    this.setting = setting;
    /** @param {Value} value */
    this.send = (value) => send({ type: "setting", path: setting.path, value });
    this.control = CONTROLS[setting.kind](setting, this);
    this.undo = h("button", {
      class: "cx-undo",
      onclick: () => this.setting.preset !== null && this.send(this.setting.preset),
    });
  }

  /** Beside other settings, in one line. */
  inRow() {
    const word = this.setting.label.replace(/ ?lambda$/, "");
    const name = word && ` ${this.t(word)}`;
    const words = caption(symbol(this.setting.symbol), name);
    this.element = h("div", { class: "cx-field cx-short" }, words, ...this.control.parts, this.undo);
    return this;
  }

  /** Below other settings, with its name above. */
  inPanel() {
    const { label, kind } = this.setting;
    const { parts, main } = this.control;
    main.id = `cx-${Math.random().toString(36).slice(2)}`;
    const name = h("label", { for: main.id }, this.t(label), " ", symbol(this.setting.symbol));
    const short = kind === "switch"; // stands beside its name
    this.element = h(
      "div",
      { class: "cx-field" },
      h("div", { class: "cx-name" }, ...(short ? parts : []), name, this.undo),
      short ? null : h("div", { class: "cx-entry" }, ...parts),
    );
    return this;
  }

  /**
   * Until then what the kernel sends is remembered and not shown: it may be the answer to something older.
   * @param {number} milliseconds
   */
  hold(milliseconds) {
    this.held = performance.now() + milliseconds;
  }

  /** @param {ShownSetting} setting @param {Words} words */
  show(setting, words) {
    this.setting = setting;
    this.words = words;
    const { t } = this;
    const { value, preset, label } = setting;
    const changed = isChanged(setting);
    this.element.classList.toggle("cx-changed", changed);
    // It keeps its place where there is nothing to undo, so that nothing moves.
    if (!changed && document.activeElement === this.undo) this.control.main.focus();
    this.undo.disabled = !changed;
    const former = inShort(t, preset);
    this.undo.replaceChildren("↺", h("span", {}, ` ${former}`));
    this.undo.title = t(words.back, { value: former });
    this.undo.setAttribute("aria-label", t("{setting}: back to {value}", { setting: t(label), value: former }));
    this.control.parts.forEach((part) => (part.title = tooltip(t, setting, words)));
    clearTimeout(this.later);
    const rest = this.held - performance.now();
    if (rest > 0) this.later = setTimeout(() => this.show(this.setting, words), Math.min(rest, HOLD));
    else this.control.show(value, setting);
  }
}

/** @param {Pick<ShownSetting, "value" | "preset">} setting */
export const isChanged = ({ value, preset }) => preset !== null && value !== preset;

/** @param {Translator} t @param {Value | null} value */
export function inShort(t, value) {
  if (typeof value === "boolean") return value ? t("on") : t("off");
  return typeof value === "string" ? t(value) : String(value);
}

/** @param {Translator} t @param {ShownSetting} setting @param {Words} words */
export function tooltip(t, setting, words) {
  const when = setting.steerable ? t("Holds from the next step on.") : t("Begins the run again.");
  return [t(setting.about), figures(t, setting, words), when].filter(Boolean).join(" ");
}

/**
 * Where a setting's slider ends, and the value to come back to.
 * @param {Translator} t
 * @param {ShownSetting} setting
 * @param {Words} words
 */
function figures(t, { kind, low, high, preset }, words) {
  const slides = ["number", "whole", "log"].includes(kind);
  if (preset === null) return slides ? t("Slider {low} to {high}.", { low, high }) : "";
  return t(slides ? words.sliderAndValue : words.value, { low, high, value: inShort(t, preset) });
}

/** @type {Record<ShownSetting["kind"], (setting: ShownSetting, field: Field) => Control>} */
const CONTROLS = {
  choice({ label }, field) {
    const { t } = field;
    const select = h("select", { "aria-label": t(label), onchange: () => field.send(select.value) });
    /** @param {string} value */
    const option = (value) => h("option", { value }, t(value));
    let known = "";
    return {
      parts: [select],
      main: select,
      show(value, { choices }) {
        if (known !== choices.join()) select.replaceChildren(...choices.map(option));
        known = choices.join();
        select.value = value;
      },
    };
  },

  switch({ label }, field) {
    const box = h("input", { type: "checkbox", "aria-label": field.t(label), onchange: () => field.send(box.checked) });
    return { parts: [box], main: box, show: (value) => (box.checked = value) };
  },

  number: (setting, field) =>
    slider(setting, field, {
      name: field.t("{setting}, slider", { setting: field.t(setting.label) }),
      range: ({ low, high }) => ({ min: low, max: high, step: high > 1 ? 0.5 : 0.01 }),
      position: (value) => value,
      value: (position) => position,
    }),

  whole: (setting, field) =>
    slider(setting, field, {
      name: field.t("{setting}, slider", { setting: field.t(setting.label) }),
      range: ({ low, high }) => ({ min: low, max: high, step: 1 }),
      position: (value) => value,
      value: (position) => position,
    }),

  log: (setting, field) =>
    slider(setting, field, {
      name: field.t("{setting}, logarithmic", { setting: field.t(setting.label) }),
      range: ({ low, high }) => ({ min: Math.log10(low), max: Math.log10(high), step: 0.05 }),
      position: (value) => (value > 0 ? Math.log10(value) : Math.log10(setting.low)),
      value: (position) => Number((10 ** position).toPrecision(2)),
    }),
};

/**
 * A number's slider, and a field for an exact value, also one beyond the slider's ends.
 * @param {ShownSetting} setting
 * @param {Field} field
 * @param {object} scale
 * @param {string} scale.name of the slider
 * @param {(setting: ShownSetting) => { min: number, max: number, step: number }} scale.range
 * @param {(value: number) => number} scale.position of a value on the slider
 * @param {(position: number) => number} scale.value at a place of the slider
 * @returns {Control}
 */
function slider(setting, field, { name, range, position, value }) {
  const { label, steerable } = setting;
  let typed = false;
  /** @param {number} shown */
  const announce = (shown) => {
    track.setAttribute("aria-valuetext", String(shown));
    if (!typed) entry.value = String(shown);
  };
  /** @param {number} shown @param {ShownSetting} now */
  const show = (shown, now) => {
    Object.assign(track, range(now)); // the photograph's size may set another end
    track.value = String(position(shown));
    announce(shown);
  };
  const enter = () => {
    if (!typed) return;
    typed = false;
    field.hold(0);
    if (!Number.isNaN(entry.valueAsNumber)) field.send(entry.valueAsNumber);
    else if (field.words) field.show(field.setting, field.words); // it was left empty
  };
  const track = h("input", {
    type: "range",
    ...range(setting),
    "aria-label": name,
    oninput() {
      typed = false;
      field.hold(Infinity);
      const moved = value(Number(track.value));
      announce(moved); // a slider set by us while it moves would not announce when it is let go
      if (steerable) field.send(moved); // the others begin the run again: once, when the slider is let go
    },
    onchange() {
      field.hold(HOLD);
      if (!steerable) field.send(value(Number(track.value)));
    },
  });
  const entry = h("input", {
    type: "number",
    step: "any",
    "aria-label": field.t(label),
    oninput: () => (typed = true),
    onchange: enter,
    onblur: enter,
    onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && enter(),
  });
  return { parts: [track, entry], main: entry, show };
}
