// Buttons that switch scales and orientations off and on.

import { isAngled } from "../../run_view/page/bands.js";
import { caption, h } from "../../shared/page/dom.js";

/**
 * @import { Band } from "../../run_view/page/messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * A button: the text on it, what it is called, and the names of the bands that it switches.
 * @typedef {{ text: string, words: string, names: string[] }} Switch
 */

export class BandButtons {
  /** @type {Set<string>} */
  off = new Set();
  /** @type {(Switch & { element: HTMLElement })[]} */
  buttons = [];

  /**
   * @param {Translator} t
   * @param {(off: string[]) => void} send takes the names of all bands that are to be off
   */
  constructor(t, send) {
    this.t = t;
    this.send = send;
    this.scales = h("div", { class: "cx-group cx-bands" });
    this.orientations = h("div", { class: "cx-group cx-bands" });
    this.all = h(
      "button",
      { class: "cx-small", title: t("Switch all bands on"), onclick: () => this.send([]) },
      t("All on"),
    );
    this.element = h("div", { class: "cx-row cx-bands-row" }, this.scales, this.orientations, this.all);
  }

  /** @param {{ bands: Band[] }} setup */
  set({ bands }) {
    const { t } = this;
    this.element.hidden = bands.length < 2;
    const [scales, orientations] = [scaleSwitches(t, bands), orientationSwitches(t, bands)].map((switches) =>
      switches.map((one) => ({
        ...one,
        element: h("button", { class: "cx-small", onclick: () => this.press(one.names) }, one.text),
      }))
    );
    this.buttons = [...scales, ...orientations];
    this.scales.replaceChildren(caption(t("scales")), ...scales.map(({ element }) => element));
    this.orientations.replaceChildren(caption(t("orientations")), ...orientations.map(({ element }) => element));
  }

  /** @param {string[]} names of the bands that a press switches */
  press(names) {
    this.send(switched(this.off, names));
  }

  /**
   * Switch one band.
   * @param {string} name
   */
  toggle(name) {
    this.press([name]);
  }

  /** @param {string[]} off names of the bands that are off */
  show(off) {
    const { t } = this;
    this.off = new Set(off);
    this.all.disabled = off.length === 0;
    for (const { element, names, words } of this.buttons) {
      const pressed = pressedState(this.off, names);
      element.setAttribute("aria-pressed", pressed);
      element.title = pressed === "true"
        ? t("{band}: switch off", { band: words })
        : t("{band}: switch on", { band: words });
      element.setAttribute("aria-label", words);
    }
  }
}

/**
 * The lowpass, then each scale of the others.
 * @param {Translator} t
 * @param {Pick<Band, "name" | "scale" | "orientation">[]} bands
 * @returns {Switch[]}
 */
export function scaleSwitches(t, bands) {
  const [low, details] = divided(bands);
  const scales = [...new Set(details.map(({ scale }) => scale))].map((scale) => ({
    text: String(scale),
    words: t("scale {scale}", { scale }),
    names: namesOf(details.filter((band) => band.scale === scale)),
  }));
  return [{ text: t("low"), words: t("lowpass"), names: namesOf(low) }, ...scales];
}

/**
 * Each orientation but the lowpass: words as they come, angles from −90° to 90°.
 * @param {Translator} t
 * @param {Pick<Band, "name" | "scale" | "orientation">[]} bands
 * @returns {Switch[]}
 */
export function orientationSwitches(t, bands) {
  const [, details] = divided(bands);
  const orientations = [...new Set(details.map(({ orientation }) => orientation))].sort(byAngle);
  return orientations.map((orientation) => {
    const text = isAngled({ orientation }) ? orientation.replace("-", "−") : t(orientation);
    return { text, words: text, names: namesOf(details.filter((band) => band.orientation === orientation)) };
  });
}

/**
 * The names of all bands that are off once some have been switched: what is on goes off; what is off, even in part,
 * comes on.
 * @param {ReadonlySet<string>} off
 * @param {string[]} names
 */
export function switched(off, names) {
  const someOff = names.some((name) => off.has(name));
  const others = [...off].filter((name) => !names.includes(name));
  return someOff ? others : [...others, ...names];
}

/**
 * Whether bands are on, off, or on in part, as `aria-pressed` has it.
 * @param {ReadonlySet<string>} off
 * @param {string[]} names
 */
export function pressedState(off, names) {
  const count = names.filter((name) => off.has(name)).length;
  return count === 0 ? "true" : count < names.length ? "mixed" : "false";
}

/**
 * The lowpass, and the other bands.
 * @template {{ orientation: string }} B
 * @param {B[]} bands
 */
function divided(bands) {
  /** @param {B} band */
  const isLowpass = ({ orientation }) => orientation === "lowpass";
  return [bands.filter(isLowpass), bands.filter((band) => !isLowpass(band))];
}

/** @param {{ name: string }[]} bands */
const namesOf = (bands) => bands.map(({ name }) => name);

/**
 * @param {string} a
 * @param {string} b
 */
function byAngle(a, b) {
  const [first, second] = [parseFloat(a), parseFloat(b)];
  return Number.isNaN(first) || Number.isNaN(second) ? 0 : first - second;
}
