// The eight panels of a run and the sentence between them. It draws one frame at a time, live or recorded.

import { bandName, inWords } from "./bands.js";
import { brightener } from "./brighten.js";
import { CurvesPanel } from "./curves.js";
import { MosaicPanel } from "./mosaic.js";
import { Objective, TERMS } from "./objective.js";
import { ProbabilityPanel } from "./probabilities.js";
import { ProfilePanel } from "./profile.js";
import { SharePanel } from "./shares.js";
import { Stopping } from "./stopping.js";
import { h } from "../../shared/page/dom.js";
import { percent } from "../../shared/page/format.js";
import { PicturePanel } from "../../shared/page/picture.js";
import { plotlyNow } from "../../shared/page/plotly.js";
import { Viewport } from "../../shared/page/viewport.js";

/**
 * @import { Figures, Scene } from "./messages.d.ts"
 * @import { Place } from "../../shared/page/picture.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * What stays as it is in a run, with the photograph as a data URL and its coefficients, null where they come later.
 * @typedef {Scene & { source: string, coefficients: Float32Array | null }} ShownScene
 */

/**
 * What there is to see of a frame: its figures and the picked band, its cartoon and the rest (data URLs), its mask, the
 * curves, and what the picked band contributes (a data URL).
 * @typedef {object} Picture
 * @property {Figures & { band: number | null }} message
 * @property {string} source
 * @property {string} rest
 * @property {Uint8Array} levels
 * @property {Float32Array} values
 * @property {string | null} [part]
 */

export class RunView {
  /** @type {ShownScene | null} */
  scene = null;
  /** @type {{ draw(): unknown }[]} the panels that have something to show */
  drawn = [];

  /**
   * @param {Translator} t
   * @param {(index: number | null) => void} pick gets the band to be seen alone, null for none
   * @param {object} ask for what is not there
   * @param {() => void} [ask.coefficients] of the photograph
   * @param {() => void} ask.scores of the frames
   */
  constructor(t, pick, { coefficients = () => {}, scores }) {
    this.t = t;
    this.pick = pick;
    const viewport = new Viewport();
    /** @param {string} title @param {string} help */
    const picture = (title, help) => new PicturePanel(t, viewport, title, help);
    this.photograph = picture(t("Photograph"), t("As the classifier sees it"));
    this.cartoon = picture(t("Cartoon"), t("The photograph with its mask: what suffices for the class"));
    this.cartoon.header.append(brightener(t, this.cartoon));
    this.rest = picture(t("Rest"), t("The photograph without what the cartoon keeps: is that needed?"));
    /** @param {Place | null} place */
    const point = (place) => [this.photograph, this.cartoon].forEach((panel) => panel.outline(place));
    this.mosaic = new MosaicPanel(t, pick, { want: coefficients, point });
    this.curves = new CurvesPanel(t);
    this.shares = new SharePanel(t, pick);
    this.profile = new ProfilePanel(t);
    this.probabilities = new ProbabilityPanel(t);
    this.objective = new Objective(t, (name) => this.light(name));
    this.stopping = new Stopping(t, scores);
    this.pictures = [this.photograph, this.cartoon, this.rest, this.mosaic];
    this.charts = [this.curves, this.shares, this.profile, this.probabilities];
    this.panels = [...this.pictures, ...this.charts];
    this.back = h(
      "button",
      { class: "cx-small", hidden: true, title: t("Escape does the same"), onclick: () => pick(null) },
      t("Back to the photograph"),
    );
    this.photograph.header.append(this.back);
    this.summary = h("p", { class: "cx-summary", role: "status", "aria-live": "polite" });
    this.notes = h("p", { class: "cx-notes", role: "status", hidden: true });
    this.elements = [
      h("div", { class: "cx-pictures" }, ...this.pictures.map(({ element }) => element)),
      this.summary,
      this.notes,
      this.objective.element,
      h("div", { class: "cx-charts" }, ...this.charts.map(({ element }) => element)),
      this.stopping.element,
    ];
  }

  /**
   * Another run.
   * @param {ShownScene} scene
   */
  begin(scene) {
    this.scene = scene;
    this.drawn = [];
    [this.photograph, this.cartoon, this.rest].forEach((panel) => panel.fit(scene.size));
    this.mosaic.set(scene);
    this.shares.set(scene);
    this.profile.set(scene.scales);
    this.curves.set(scene.curves);
    this.stopping.clear();
  }

  /**
   * Take the weights of the penalties and the budget, of now.
   * @param {{ path: string, value: unknown }[]} settings
   */
  setWeights(settings) {
    this.curves.setWeights(settings);
    this.objective.show(this.scene?.curves ?? [], settings);
  }

  /**
   * Light the curve of a term of the objective, and the panels that it speaks of.
   * @param {string | null} name null for none
   */
  light(name) {
    const lit = name === null ? [] : [this.curves, ...(TERMS[name]?.panels ?? []).map((panel) => this[panel])];
    const elements = lit.map(({ element }) => element);
    this.panels.forEach(({ element }) => element.classList.toggle("cx-lit", elements.includes(element)));
    this.curves.light(name);
  }

  /**
   * Draw a frame.
   * @param {Picture} picture
   * @param {object} [options]
   * @param {boolean} [options.charts] whether the lower row is drawn too
   * @param {number | null} [options.cursor] which step the curves mark
   */
  async draw({ message, source, rest, levels, values, part }, { charts = true, cursor = null } = {}) {
    const { t, scene } = this;
    if (!scene) return;
    const { label, probability } = scene.target;
    const band = message.band === null ? null : scene.bands[message.band];
    this.back.hidden = !band;
    const contribution = !band ? "" : t("What one band alone contributes, {band}", { band: inWords(t, band) });
    this.photograph.name(
      band ? t("{band} alone", { band: bandName(t, band) }) : t("Photograph"),
      contribution || t("As the classifier sees it"),
    );
    /** @param {number} value */
    const sure = (value) => ({ step: message.step, label, probability: value.toFixed(2) });
    if (part) this.photograph.show(part, contribution);
    else {
      this.photograph.show(
        scene.source,
        t("The photograph: {label} with probability {probability}", sure(probability)),
      );
    }
    this.cartoon.show(
      source,
      t("The cartoon after {step} steps: {label} with probability {probability}", sure(message.probability)),
    );
    this.rest.show(rest, this.ofRest(message));
    this.mosaic.update(levels, message.band);
    if (!this.drawn.length) this.drawn = this.pictures;
    if (!charts) return;
    this.drawn = this.panels;
    const drawings = [
      this.shares.update(levels),
      this.profile.update(message.profile),
      this.probabilities.update(message.probabilities, label),
      this.curves.update(values, cursor, message.steps),
    ];
    if (plotlyNow()) await Promise.all(drawings); // until it is there, nothing waits
  }

  /**
   * What is known of the rest in a frame, where it was classified for the last time some steps before.
   * @param {Figures} figures
   */
  ofRest({ step, probability_rest: rest, rest_step: classified }) {
    const { t, scene } = this;
    if (rest === null) return t("The rest after {step} steps, which nobody classified", { step });
    const figures = { step, classified, label: scene?.target.label, probability: rest.toFixed(2) };
    return classified === step ? t("The rest after {step} steps: {label} with probability {probability}", figures) : t(
      "The rest after {step} steps; as it was after {classified}: {label} with probability {probability}",
      figures,
    );
  }

  /**
   * The sentence on a frame of a run that goes on, or one that is looked back to.
   * @param {Figures} figures
   */
  showFigures({ step, share, probability, probability_rest: rest }) {
    if (!this.scene) return;
    const { label, probability: first } = this.scene.target;
    const [before, after] = [first, probability].map((value) => value.toFixed(2));
    const figures = { step, label, before, after, share: percent(share), rest: rest?.toFixed(2) };
    this.showSummary(
      rest === null
        ? this.t("Step {step}: {label} {before} → {after} with {share} of the coefficients", figures)
        : this.t(
          "Step {step}: {label} {before} → {after} with {share} of the coefficients, {rest} without them",
          figures,
        ),
    );
  }

  /** @param {string} text @param {string} [warning] */
  showSummary(text, warning = "") {
    const sentences = [text, warning ? `⚠ ${warning}.` : ""].filter(Boolean).join(" ");
    if (this.summary.textContent !== sentences) this.summary.textContent = sentences;
    this.summary.classList.toggle("cx-warning", Boolean(warning));
  }

  /**
   * Whether the sentence is read out: the outcome is, each frame on the way is not.
   * @param {boolean} aloud
   */
  announce(aloud) {
    this.summary.setAttribute("aria-live", aloud ? "polite" : "off");
  }

  /** @param {string[]} sentences */
  note(sentences) {
    const text = sentences.join(". ");
    this.notes.hidden = !text;
    if (this.notes.textContent !== text) this.notes.textContent = text;
  }

  redraw() {
    this.drawn.forEach((panel) => panel.draw());
    this.stopping.redraw();
  }

  close() {
    this.charts.forEach((panel) => panel.close());
    this.stopping.close();
  }
}
