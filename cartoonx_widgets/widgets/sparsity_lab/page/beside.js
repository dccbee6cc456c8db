// The lab beside this one: its place, what both share, and how they differ.

import { group, h } from "../../shared/page/dom.js";
import { grouped } from "../../shared/page/format.js";
import { lifetime } from "../../shared/page/lifetime.js";
import { Problem } from "../../shared/page/problem.js";
import { inDeviations, quality } from "./denoise.js";

/**
 * @import { Beside as BesideMessage, Denoised, FromPage } from "./messages.d.ts"
 * @import { Viewport } from "../../shared/page/viewport.js"
 * @import { Host, Translator } from "../../shared/page/types.d.ts"
 */

/**
 * What a lab shows.
 * @typedef {object} Shown
 * @property {string} photograph its title
 * @property {string} representation
 * @property {number} levels
 * @property {number} k
 * @property {string[]} off names of the bands that are switched off
 * @property {number | null} psnr of the picture from k coefficients; infinite for null
 * @property {Pick<Denoised, "sigma" | "kind" | "threshold" | "by_scale" | "psnr"> | null} denoised
 */

// Two labs in one page are modules of their own, so they speak by events: of what the inner one shows, and of its zoom.
const SHOWN = "cx-shown";
const ZOOMED = "cx-zoomed";

const NONE = "–";

export class Beside {
  /** @type {string | null} id of the other lab's model */
  model = null;
  /** @type {Shown | null} */
  own = null;
  /** @type {Shown | null} */
  other = null;
  /** @type {EventTarget | null} the other lab's element */
  inner = null;

  /**
   * @param {Translator} t
   * @param {Viewport} viewport of the pictures
   * @param {object} options
   * @param {(message: FromPage) => void} options.send to the kernel
   * @param {Host["host"]} options.host shows other widgets, where it can
   * @param {AbortSignal} options.signal the end of the view
   */
  constructor(t, viewport, { send, host, signal }) {
    this.t = t;
    this.viewport = viewport;
    this.host = host;
    this.signal = signal;
    this.life = lifetime(signal); // how long the other lab is shown
    this.button = h(
      "button",
      {
        hidden: !host?.getWidget,
        title: t("Open a second lab beside this one, with the same settings, to change what you want to compare"),
        onclick: () => send({ type: "open_beside" }),
      },
      t("Side by side"),
    );
    /** @param {string} text @param {string} title @param {() => void} onclick */
    const toggle = (text, title, onclick) =>
      h("button", { class: "cx-small", "aria-pressed": "true", title, onclick }, text);
    /** @param {boolean} picture @param {boolean} k */
    const share = (picture, k) => send({ type: "share", picture, k });
    this.picture = toggle(
      t("same picture"),
      t("A picture that is chosen in one lab is taken in both, with the same noise where both denoise"),
      () => share(!isOn(this.picture), isOn(this.k)),
    );
    this.k = toggle(
      t("same k"),
      t("The slider of one lab moves that of the other"),
      () => share(isOn(this.picture), !isOn(this.k)),
    );
    this.zoom = toggle(t("same zoom"), t("What is enlarged in one lab is enlarged in the other"), () => {
      setOn(this.zoom, !isOn(this.zoom));
      this.sendZoom();
    });
    this.close = h(
      "button",
      { class: "cx-small", onclick: () => send({ type: "close_beside" }) },
      t("Close the second lab"),
    );
    this.words = h("p", { class: "cx-about" });
    this.bar = h(
      "div",
      { hidden: true },
      h("div", { class: "cx-row" }, group(this.picture, this.k, this.zoom), this.close),
      this.words,
    );
    this.problem = new Problem(t);
    this.slot = h("div", { class: "cx-slot" });
    this.place = h(
      "section",
      { class: "cx-second", hidden: true, tabindex: "-1", "aria-label": t("The second lab") },
      this.problem.element,
      this.slot,
    );
    this.slot.addEventListener(SHOWN, (event) => this.hear(/** @type {CustomEvent<Shown>} */ (event)));
    this.slot.addEventListener(ZOOMED, (event) => {
      event.stopPropagation();
      if (isOn(this.zoom)) this.takeZoom(event);
    });
    viewport.follow(() => this.sendZoom());
  }

  /**
   * Stand in the lab's element.
   * @param {HTMLElement} root
   */
  within(root) {
    this.root = root;
    // From the lab on the left; what comes from this one itself changes nothing.
    root.addEventListener(ZOOMED, (event) => this.takeZoom(event));
  }

  /** @param {Event} event */
  takeZoom(event) {
    const { scale, x, y } = /** @type {CustomEvent<Viewport>} */ (event).detail;
    this.viewport.set(scale, x, y);
  }

  sendZoom() {
    const { scale, x, y } = this.viewport;
    /** @param {boolean} bubbles */
    const event = (bubbles) => new CustomEvent(ZOOMED, { detail: { scale, x, y }, bubbles, composed: bubbles });
    this.root?.dispatchEvent(event(true));
    if (isOn(this.zoom)) this.inner?.dispatchEvent(event(false));
  }

  /**
   * Say how the two differ, and tell the lab on the left, where there is one, what this one shows.
   * @param {Shown} shown
   */
  tell(shown) {
    this.own = shown;
    this.root?.dispatchEvent(new CustomEvent(SHOWN, { detail: shown, bubbles: true, composed: true }));
    this.compare();
  }

  /** @param {CustomEvent<Shown>} event */
  hear(event) {
    event.stopPropagation();
    const [inner] = event.composedPath();
    this.other = event.detail;
    if (inner !== this.inner) {
      this.inner = inner;
      this.sendZoom();
    }
    this.compare();
  }

  compare() {
    const { t, own, other } = this;
    this.words.textContent = own && other ? comparison(t, own, other) : "";
  }

  /**
   * Show, beside this lab, the one that the kernel says; whether this one gets another width by that.
   * @param {BesideMessage} message
   */
  show({ model, is_second, picture, k }) {
    const wasFocused = [this.button, this.close].some((one) => one.matches(":focus"));
    this.button.hidden = !this.host?.getWidget || is_second || model !== null;
    setOn(this.picture, picture);
    setOn(this.k, k);
    if (model === this.model) return false;
    const isOther = (model === null) !== (this.model === null);
    this.exchange(model);
    if (wasFocused) (model ? this.place : this.button).focus({ preventScroll: true });
    return isOther;
  }

  /** @param {string | null} model */
  exchange(model) {
    const { root, bar, place, slot } = this;
    this.model = model;
    this.life.abort();
    this.life = lifetime(this.signal);
    this.other = this.inner = null;
    slot.replaceChildren();
    this.problem.hide();
    this.compare();
    bar.hidden = place.hidden = !model;
    root?.classList.toggle("cx-two", model !== null);
    // Not awaited: messages of this lab do not wait for the other one.
    if (model) this.open(model, this.life.signal).catch(this.problem.showFailure);
  }

  /**
   * @param {string} model
   * @param {AbortSignal} signal
   */
  async open(model, signal) {
    if (!this.host?.getWidget) {
      this.slot.append(
        this.t("This page cannot show a widget within another: show lab.beside in a cell of its own."),
      );
      return;
    }
    const widget = await this.host.getWidget(`anywidget:${model}`);
    if (!signal.aborted) await widget.render({ el: this.slot, signal });
  }
}

/** @param {HTMLElement} toggle */
const isOn = (toggle) => toggle.getAttribute("aria-pressed") === "true";

/** @param {HTMLElement} toggle @param {boolean} on */
const setOn = (toggle, on) => toggle.setAttribute("aria-pressed", String(on));

/**
 * How two labs differ, and what each gives, in a sentence.
 * @param {Translator} t
 * @param {Shown} own
 * @param {Shown} other
 */
export function comparison(t, own, other) {
  const settings = differences(t, own, other).map((values) => t("{setting} ({one} beside {other})", values));
  const differ = settings.length
    ? t("They differ in {settings}.", { settings: settings.join(", ") })
    : t("Both have the same settings.");
  const kept = t("PSNR {one} beside {other}.", { one: quality(own.psnr), other: quality(other.psnr) });
  if (!own.denoised || !other.denoised) return `${differ} ${kept}`;
  const [one, another] = [own.denoised, other.denoised].map(({ psnr }) => quality(psnr.representation));
  return `${differ} ${kept} ${t("Denoised {one} beside {other}.", { one, other: another })}`;
}

/**
 * The settings in which two labs differ, with the value of each.
 * @param {Translator} t
 * @param {Shown} own
 * @param {Shown} other
 */
export function differences(t, own, other) {
  const [ones, others] = [own, other].map((shown) => values(t, shown));
  return ones
    .map(([setting, one], i) => ({ setting, one, other: others[i][1] }))
    .filter(({ one, other }) => one !== other);
}

/**
 * @param {Translator} t
 * @param {Shown} shown
 * @returns {[setting: string, value: string][]}
 */
const values = (t, { photograph, representation, levels, k, off, denoised }) => [
  [t("picture"), photograph],
  [t("representation"), t(representation)],
  [t("levels"), String(levels)],
  ["k", grouped(k)],
  [t("bands off"), off.join(" ") || NONE],
  [t("noise σ"), denoised ? denoised.sigma.toFixed(2) : NONE],
  [t("threshold"), denoised ? thresholdInWords(t, denoised) : NONE],
];

/**
 * @param {Translator} t
 * @param {Pick<Denoised, "kind" | "threshold" | "by_scale">} settings
 */
function thresholdInWords(t, { kind, threshold, by_scale }) {
  const all = threshold === null ? t("universal") : inDeviations(threshold);
  const own = by_scale.flatMap((size, i) =>
    size === null ? [] : [`${t("scale {scale}", { scale: i + 1 })} ${inDeviations(size)}`]
  );
  return [t(kind), all, ...own].join(" ");
}
