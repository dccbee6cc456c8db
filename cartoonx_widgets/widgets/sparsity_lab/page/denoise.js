// Denoising: noise on the picture, thresholds that take it out, and what is left in four bases beside each other.

import { decoded } from "../../shared/page/bytes.js";
import { caption, group, h } from "../../shared/page/dom.js";
import { phrase } from "../../shared/page/texts.js";
import { BASES } from "./charts.js";
import { ZoomView } from "./picture_view.js";

const MOST_NOISE = 0.5; // in grey values from 0 to 1
const MOST_THRESHOLD = 8; // standard deviations of the noise
const KINDS = { soft: phrase("soft"), hard: phrase("hard") };

/**
 * @import { Denoise, Denoised, DenoisedFigures, FromPage, Setup } from "./messages.d.ts"
 * @import { Viewport } from "../../shared/page/viewport.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 * @typedef {Pick<Denoise, "sigma" | "kind" | "threshold" | "by_scale">} Settings
 */

export class DenoiseSection {
  /** @type {Setup | null} */
  setup = null;
  /** @type {Settings} as the controls stand */
  settings = { sigma: 0.1, kind: "soft", threshold: null, by_scale: [] };
  universal = 0;
  /** @type {Denoised | null} the newest message */
  shown = null;
  /** @type {Settings | null} the newest settings that have not been asked for */
  wish = null;
  /** @type {number | null} the number of the request under way */
  pending = null;
  requests = Math.floor(1e9 * Math.random()); // so that two views of one lab do not take each other's answers

  /**
   * @param {Translator} t
   * @param {Viewport} viewport of the pictures
   * @param {(message: FromPage) => void} send to the kernel
   */
  constructor(t, viewport, send) {
    this.t = t;
    this.send = send;
    this.toggle = h(
      "button",
      {
        "aria-expanded": "false",
        title: t("Add noise to the picture, and take it out by a threshold on its coefficients"),
        onclick: () => this.isOpen ? send({ type: "stop_denoising" }) : this.ask(),
      },
      t("Denoise"),
    );
    this.noise = slider(t("Standard deviation of the noise"), MOST_NOISE, 0.01, (sigma) => this.change({ sigma }));
    this.kind = h(
      "select",
      {
        "aria-label": t("Threshold"),
        title: t("Hard keeps what is above the threshold; soft moves it towards 0 by the threshold, too"),
        onchange: () => this.change({ kind: /** @type {"hard" | "soft"} */ (this.kind.value) }),
      },
      ...Object.entries(KINDS).map(([kind, text]) => h("option", { value: kind }, t(text))),
    );
    this.threshold = slider(
      t("Threshold, in standard deviations of the noise"),
      MOST_THRESHOLD,
      0.05,
      (threshold) => this.change({ threshold }),
    );
    this.byRule = h(
      "button",
      {
        class: "cx-small",
        title: t("The universal threshold √(2 ln N), for all scales and bases"),
        onclick: () => this.change({ threshold: null, by_scale: this.settings.by_scale.map(() => null) }),
      },
      t("universal"),
    );
    this.scales = h("div", { class: "cx-row cx-scales" });
    /** @type {ReturnType<typeof slider>[]} of each scale, from the finest on */
    this.sliders = [];
    const help = t("What a threshold leaves of the picture with noise, cut off to 0 to 1");
    /** @type {Record<string, ZoomView>} */
    this.views = {
      noisy: new ZoomView(t, viewport, t("with noise"), t("The picture with Gaussian noise, cut off to 0 to 1")),
      representation: new ZoomView(t, viewport, "", help),
      cosine: new ZoomView(t, viewport, t(BASES.cosine), help),
      fourier: new ZoomView(t, viewport, t(BASES.fourier), help),
      pixels: new ZoomView(t, viewport, t(BASES.pixels), help),
    };
    this.spoken = h("p", { class: "cx-spoken", role: "status" });
    this.body = h(
      "div",
      { hidden: true },
      h(
        "div",
        { class: "cx-row" },
        group(caption(t("noise σ")), this.noise.element, this.noise.value),
        group(caption(t("threshold")), this.kind, this.threshold.element, this.threshold.value, this.byRule),
      ),
      this.scales,
      h("div", { class: "cx-five" }, ...Object.values(this.views).map((view) => view.element)),
    );
    this.element = h(
      "section",
      { class: "cx-denoise", "aria-label": t("Denoise") },
      h("div", { class: "cx-row" }, this.toggle),
      this.body,
      this.spoken,
    );
  }

  get isOpen() {
    return this.toggle.getAttribute("aria-expanded") === "true";
  }

  /**
   * Another picture or representation; the kernel sends what becomes of it by itself.
   * @param {Setup} setup
   */
  set(setup) {
    const { t } = this;
    this.setup = setup;
    this.wish = this.pending = null;
    const scales = scalesOf(setup.bands);
    this.settings = { ...this.settings, by_scale: scales.map((_, i) => this.settings.by_scale[i] ?? null) };
    this.sliders = scales.map((scale, i) =>
      slider(
        t("Threshold of scale {scale}, in standard deviations of the noise", { scale }),
        MOST_THRESHOLD,
        0.05,
        (size) => this.change({ by_scale: withOne(this.settings.by_scale, i, size) }),
      )
    );
    const controls = scales.map((scale, i) => {
      const back = h("button", {
        class: "cx-small",
        title: t("Scale {scale}: back to the common threshold", { scale }),
        "aria-label": t("Scale {scale}: back to the common threshold", { scale }),
        onclick: () => this.change({ by_scale: withOne(this.settings.by_scale, i, null) }),
      }, "↺");
      return group(caption(t("scale {scale}", { scale })), this.sliders[i].element, this.sliders[i].value, back);
    }).reverse(); // coarse to fine, as everywhere
    this.scales.replaceChildren(...controls);
    this.showControls();
  }

  /** @param {Partial<Settings>} changed */
  change(changed) {
    this.settings = { ...this.settings, ...changed };
    this.showControls();
    this.ask();
  }

  /** Ask for what the controls stand at, one request at a time. */
  ask() {
    this.wish = this.settings;
    this.askNext();
  }

  askNext() {
    if (this.pending !== null || !this.wish) return;
    this.pending = ++this.requests;
    const { sigma, kind, threshold, by_scale } = this.wish;
    this.wish = null;
    this.send({ type: "denoise", sigma, kind, threshold, by_scale, answers: this.pending });
  }

  /** @param {Denoised} content @param {DataView[]} buffers */
  async show(content, [jpeg]) {
    const { t, setup } = this;
    if (!setup || content.run !== setup.run) return;
    const mine = content.answers === this.pending;
    if (mine) this.pending = null;
    this.askNext();
    const strip = await decoded(jpeg);
    this.universal = content.universal;
    this.toggle.setAttribute("aria-expanded", "true");
    this.body.hidden = false;
    this.shown = content;
    if (this.pending === null) {
      const { sigma, kind, threshold, by_scale } = content;
      this.settings = { sigma, kind, threshold, by_scale };
    }
    this.showControls();
    Object.keys(content.psnr).forEach((key, i) => {
      const name = this.nameOf(key);
      const words = key === "noisy"
        ? t("The picture with noise of standard deviation {sigma}", { sigma: content.sigma.toFixed(2) })
        : t("The picture after a threshold: {name}", { name });
      this.views[key].draw(strip, words, i * content.strip, setup.size[0]);
      this.views[key].caption.textContent = quality(content.psnr[key]);
    });
    this.views.representation.heading.textContent = this.nameOf("representation");
    Object.assign(this.element.dataset, { run: content.run, answers: content.answers ?? "", ssim: "" });
  }

  /** @param {DenoisedFigures} content */
  showFigures({ run, ssim }) {
    const { shown, views } = this;
    if (!shown || run !== shown.run) return;
    for (const [key, view] of Object.entries(views)) {
      view.caption.textContent = quality(shown.psnr[key], ssim[key]);
    }
    const values = Object.keys(views).map((key) => `${this.nameOf(key)} ${views[key].caption.textContent}`);
    this.spoken.textContent = values.join("; ");
    this.element.dataset.ssim = ssim.representation.toFixed(4);
  }

  /** Show that nothing is denoised. */
  stop() {
    this.shown = this.wish = this.pending = null;
    this.toggle.setAttribute("aria-expanded", "false");
    this.body.hidden = true;
    this.spoken.textContent = "";
  }

  /** Show what holds again, after something was refused. */
  refused() {
    this.pending = null;
    if (this.shown) {
      const { sigma, kind, threshold, by_scale } = this.shown;
      if (!this.wish) this.settings = { sigma, kind, threshold, by_scale };
      this.showControls();
    }
    this.askNext();
  }

  showControls() {
    const { t, settings, universal } = this;
    this.noise.show(settings.sigma, settings.sigma.toFixed(2));
    this.kind.value = settings.kind;
    const all = settings.threshold ?? universal;
    this.threshold.show(all, inDeviations(all));
    this.byRule.setAttribute("aria-pressed", String(isUniversal(settings)));
    this.sliders.forEach((one, i) => {
      const own = settings.by_scale[i];
      one.show(own ?? all, own === null ? t("as all") : inDeviations(own));
      const back = /** @type {HTMLButtonElement} */ (one.value.nextElementSibling);
      back.disabled = own === null;
    });
  }

  /** @param {string} key */
  nameOf(key) {
    const { t, setup } = this;
    if (key === "noisy") return t("with noise");
    return key === "representation" ? t(setup?.representation ?? "") : t(BASES[key]);
  }
}

/**
 * A slider from 0, with its value in words beside it.
 * @param {string} label
 * @param {number} max
 * @param {number} step
 * @param {(value: number) => void} take
 */
function slider(label, max, step, take) {
  const element = h("input", {
    type: "range",
    min: 0,
    max,
    step,
    "aria-label": label,
    title: label,
    oninput: () => take(element.valueAsNumber),
  });
  const value = h("span", { class: "cx-size" });
  return {
    element,
    value,
    /** @param {number} number @param {string} words */
    show(number, words) {
      element.value = String(number);
      element.setAttribute("aria-valuetext", words);
      value.textContent = words;
    },
  };
}

/**
 * The scales that have a threshold of their own, from the finest on.
 * @param {{ scale: number, orientation: string }[]} bands
 */
export function scalesOf(bands) {
  const details = bands.filter(({ orientation }) => !["lowpass", "pixels"].includes(orientation));
  return [...new Set(details.map(({ scale }) => scale))].sort((a, b) => a - b);
}

/**
 * A list with another value at one place.
 * @param {(number | null)[]} list
 * @param {number} index
 * @param {number | null} value
 */
export const withOne = (list, index, value) => list.map((other, i) => (i === index ? value : other));

/**
 * Whether the universal threshold holds everywhere.
 * @param {Settings} settings
 */
export const isUniversal = ({ threshold, by_scale }) => threshold === null && by_scale.every((own) => own === null);

/**
 * A threshold in words.
 * @param {number} size
 */
export const inDeviations = (size) => `${size.toFixed(2)} σ`;

/**
 * PSNR, infinite for null, and SSIM once it is known.
 * @param {number | null} psnr
 * @param {number} [ssim]
 */
export const quality = (psnr, ssim) =>
  `${psnr === null ? "∞" : psnr.toFixed(1)} dB${ssim === undefined ? "" : ` · SSIM ${ssim.toFixed(3)}`}`;
