// The pictures of a comparison: the photograph, and a panel for each method.

import { OpeningStage } from "./stage.js";
import { lineSample } from "./styles.js";
import { outcome } from "../../run_view/page/outcome.js";
import { h } from "../../shared/page/dom.js";
import { percent, seconds } from "../../shared/page/format.js";
import { Problem } from "../../shared/page/problem.js";

/**
 * @import { ComparedMethod, FromPage, MethodStatus, Result, Setup, ShownSnapshot } from "./messages.d.ts"
 * @import { Viewport } from "../../shared/page/viewport.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/** @typedef {"cartoon" | "rest" | "mask"} Kind what is shown of each method */

/** The photograph, as the classifier sees it. */
export class PhotographPanel {
  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   */
  constructor(t, viewport) {
    this.t = t;
    this.stage = new OpeningStage(t, viewport, t("Photograph"));
    this.about = h("p", { class: "cx-verdict" });
    this.element = h(
      "section",
      { class: "cx-panel cx-compared" },
      h("header", {}, h("h3", { title: t("As the classifier sees it") }, t("Photograph"))),
      this.stage.element,
      this.about,
    );
  }

  /**
   * @param {Setup} setup
   * @param {string} source
   */
  set({ size, target }, source) {
    const { label } = target;
    const figures = { label, probability: target.probability.toFixed(2) };
    this.stage.fit(size);
    this.stage.show(source, this.t("The photograph: {label} with probability {probability}", figures));
    this.about.textContent = `${label}: ${figures.probability}`;
  }
}

/** One method: its picture, where it stands, what it has come to, and what went wrong with it. */
export class MethodPanel {
  /** @type {Kind} */
  kind = "cartoon";
  playing = false;
  /** @type {Record<Kind, string> | null} */
  pictures = null;
  figures = { step: 0, share: "", probability: "", rest: "" };

  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   * @param {object} shown
   * @param {ComparedMethod} shown.method
   * @param {number} shown.index of the method
   * @param {boolean} shown.live whether there is a kernel: without one nothing can be played or opened
   * @param {(message: FromPage) => void} shown.send to the kernel
   */
  constructor(t, viewport, { method, index, live, send }) {
    const { label, optimised } = method;
    this.t = t;
    this.label = label;
    this.optimised = optimised;
    const open = live ? () => send({ type: "open", index }) : null;
    this.stage = new OpeningStage(t, viewport, label, open);
    this.play = h("button", {
      class: "cx-small cx-run",
      onclick: () => send({ type: this.playing ? "pause" : "play", index }),
    });
    const title = t("Open {method} in the explorer", { method: label });
    this.opener = h("button", { class: "cx-small", title, "aria-label": title, onclick: open }, t("Explore"));
    this.progress = h("progress", { max: 1, value: 0, "aria-label": t("Progress of {method}", { method: label }) });
    this.where = h("p", { class: "cx-state" });
    this.verdict = h("p", { class: "cx-verdict", role: "status" });
    this.problem = new Problem(t);
    this.element = h(
      "section",
      { class: "cx-panel cx-compared", "aria-label": label },
      h("header", {}, h("h3", { title: label }, lineSample(method), h("span", {}, label))),
      this.stage.element,
      live ? this.progress : null,
      h(
        "div",
        { class: "cx-standing" },
        this.where,
        live ? h("span", { class: "cx-group" }, this.play, this.opener) : null,
      ),
      this.verdict,
      this.problem.element,
    );
    this.element.style.setProperty("--cx-own", method.color);
    this.showStatus({ state: "ready", step: 0, steps: 1, seconds: 0, seconds_left: null });
  }

  /** @param {MethodStatus} status */
  showStatus({ state, step, steps, seconds: taken, seconds_left: left }) {
    const { t, label } = this;
    this.playing = state === "playing";
    this.element.dataset.state = state;
    this.play.textContent = this.playing ? "❚❚" : "▶";
    const title = this.playing ? t("Pause {method}", { method: label }) : t("Run {method} alone", { method: label });
    this.play.title = title;
    this.play.setAttribute("aria-label", title);
    this.play.disabled = state === "done";
    this.opener.disabled = !this.optimised && state !== "done";
    this.progress.max = steps;
    this.progress.value = step;
    const stepText = t("step {step} of {steps}", { step, steps });
    const words = {
      ready: () => t("not run yet"),
      playing:
        () => (this.optimised
          ? [stepText, left ? t("{time} left", { time: seconds(left) }) : ""].filter(Boolean).join(" · ")
          : t("is computed")),
      paused: () => t("paused at {place}", { place: stepText }),
      done:
        () => (this.optimised
          ? t("{steps} steps in {time}", { steps, time: seconds(taken) })
          : t("computed in {time}", { time: seconds(taken) })),
      failed: () => t("failed"),
    };
    this.where.textContent = words[state]();
    if (state !== "failed") this.problem.hide();
  }

  /**
   * A moment on the way.
   * @param {Record<Kind, string>} pictures data URLs
   * @param {ShownSnapshot | Result} moment
   */
  showPictures(pictures, { step, share, probability, probability_rest: rest }) {
    this.pictures = pictures;
    this.figures = { step, share: percent(share), probability: probability.toFixed(2), rest: rest.toFixed(2) };
    this.draw();
  }

  /**
   * What is known of a method that stands still.
   * @param {Result} result
   */
  showResult({ summary, warning }) {
    const text = [outcome(this.t, summary), warning ? `⚠ ${warning}.` : ""].filter(Boolean).join(" ");
    this.showText(text, { kept: summary.kept, warns: Boolean(warning) });
  }

  showFigures() {
    this.showText(
      this.t("probability {probability} with {share} of the coefficients, {rest} without them", this.figures),
    );
  }

  /**
   * @param {string} text
   * @param {{ kept?: boolean | null, warns?: boolean }} options whether the class is kept, and whether the text warns
   */
  showText(text, { kept = null, warns = false } = {}) {
    this.verdict.replaceChildren(kept === null ? "" : h("strong", { "aria-hidden": "true" }, kept ? "✓ " : "✗ "), text);
    this.verdict.setAttribute("aria-live", kept === null ? "off" : "polite");
    this.verdict.classList.toggle("cx-warning", warns);
  }

  /** @param {Kind} kind */
  choose(kind) {
    this.kind = kind;
    this.draw();
  }

  draw() {
    const { t, label, figures, kind, pictures } = this;
    if (!pictures) return;
    const words = { method: label, ...figures };
    const descriptions = {
      cartoon: () =>
        t(
          "The cartoon of {method} after step {step}: probability {probability} with {share} of the coefficients",
          words,
        ),
      rest: () =>
        t("The rest of {method} after step {step}: probability {rest} without {share} of the coefficients", words),
      mask: () => t("The mask of {method} after step {step}: {share} kept", words),
    };
    this.stage.show(pictures[kind], descriptions[kind](), { rough: kind === "mask" });
  }

  clear() {
    this.pictures = null;
    this.stage.image.hidden = true;
    this.problem.hide();
    this.showText("");
  }
}
