// The mask, or the coefficients, as a picture of all bands; hovering describes a cell, a click picks a band.

import { bandName, inWords, meanLevel } from "./bands.js";
import { cellAt } from "./mosaic_cell.js";
import { cellPixels, magnitudes, placeOf } from "./mosaic_cells.js";
import { MosaicMarks } from "./mosaic_marks.js";
import { colourTable } from "../../shared/page/colours.js";
import { h } from "../../shared/page/dom.js";
import { brief, percent } from "../../shared/page/format.js";
import { Stage } from "../../shared/page/stage.js";
import { phrase } from "../../shared/page/texts.js";
import { placeTip } from "../../shared/page/tip.js";
import { Viewport } from "../../shared/page/viewport.js";

/**
 * @import { Band, Mosaic } from "./messages.d.ts"
 * @import { Kind } from "./mosaic_cells.js"
 * @import { Place } from "../../shared/page/picture.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class MosaicPanel {
  /** @type {Band[]} */
  bands = [];
  /** @type {Mosaic} */
  mosaic = { shape: [1, 1], factor: 1, row_ticks: [], column_ticks: [] };
  directional = false;
  /** @type {Float32Array | null} of the photograph, (C, cells); null until they are here */
  coefficients = null;
  /** @type {Uint8Array | null} how bright each of them is; null until that is shown */
  magnitudes = null;
  /** @type {Kind} */
  kind = "mask";
  /** @type {Uint8Array | null} the mask's */
  levels = null;
  /** @type {number | null} the band that is seen alone */
  picked = null;
  table = new Uint8Array(0);
  measure = "";

  /**
   * @param {Translator} t
   * @param {(index: number | null) => void} pick gets the band to be seen alone, null for none
   * @param {object} wanted
   * @param {() => void} wanted.want is called when there are no coefficients, and they are to be shown or pointed at
   * @param {(place: Place | null) => void} wanted.point gets the place in the photograph that the pointer's cell has
   */
  constructor(t, pick, { want, point }) {
    this.t = t;
    this.pick = pick;
    this.want = want;
    this.point = point;
    /** @type {[Kind, string][]} */
    const kinds = [["mask", t("mask")], ["coefficients", t("coefficients")], ["kept", t("what is kept")]];
    this.kinds = h(
      "select",
      {
        class: "cx-small",
        "aria-label": t("What the mosaic shows"),
        title: [
          t("Mask: bright is kept."),
          t("Coefficients: the photograph's, in colour where they are kept, in grey where not."),
          t("What is kept: mask times coefficient."),
          t("Coefficients are drawn by the root of their magnitude, relative to the largest of their band."),
        ].join(" "),
        onchange: () => this.choose(/** @type {Kind} */ (this.kinds.value)),
      },
      ...kinds.map(([value, text]) => h("option", { value }, text)),
    );
    this.choice = h("select", {
      class: "cx-small",
      "aria-label": t("Band to see alone"),
      title: t("See what one band alone contributes"),
      onchange: () => this.pick(this.choice.value === "" ? null : Number(this.choice.value)),
    });
    this.heading = h("h3", {}, t("Mosaic"));
    this.tip = h("div", { class: "cx-tip", hidden: true });
    this.canvas = h("canvas", { role: "img" });
    this.stage = new Stage(t, new Viewport(), t("Mosaic"), this.canvas);
    this.stage.zoom.square = 1;
    this.marks = new MosaicMarks(t, this.stage);
    const header = h("header", {}, this.heading, this.kinds, this.choice);
    this.element = h("section", { class: "cx-panel" }, header, this.marks.element, this.tip);
    const { element } = this.stage;
    element.title = ""; // the tip is ours
    element.addEventListener("pointerenter", () => this.coefficients ?? want());
    element.addEventListener("pointermove", (event) => this.hover(event));
    element.addEventListener("pointerleave", () => this.leave());
    element.addEventListener("click", (event) => {
      const cell = this.stage.zoom.dragged ? null : this.at(event);
      if (cell && this.bands.length > 1) this.pick(cell.index);
    });
  }

  /** @param {import("./run_view.js").ShownScene} scene */
  set(scene) {
    const { bands, mosaic, directional, colours, coefficients } = scene;
    const { t } = this;
    this.bands = bands;
    this.mosaic = mosaic;
    this.directional = directional;
    this.coefficients = coefficients;
    this.magnitudes = null;
    this.levels = null;
    this.tip.hidden = true;
    this.choice.hidden = bands.length < 2;
    this.choice.replaceChildren(
      h("option", { value: "" }, t("all")),
      ...bands.map((band, value) => h("option", { value }, bandName(t, band))),
    );
    this.heading.textContent = bands.length > 1 ? t("Mosaic") : t("Mask");
    this.heading.title = this.help();
    this.stage.name(this.heading.textContent);
    this.marks.set(scene);
    [this.canvas.height, this.canvas.width] = mosaic.shape;
    this.table = colourTable(colours);
    // Magnitudes where a coefficient is complex or a cell stands for several.
    this.measure = bands.some((band) => band.complex)
      ? phrase("magnitude, red green blue: {values}")
      : phrase("coefficient, red green blue: {values}");
    if (mosaic.factor > 1) this.measure = phrase("mean magnitude, red green blue: {values}");
  }

  /** @param {Float32Array} coefficients that were wanted */
  setCoefficients(coefficients) {
    this.coefficients = coefficients;
    this.magnitudes = null;
    if (this.kind !== "mask" && this.levels) this.update(this.levels, this.picked);
  }

  /** @param {Kind} kind */
  choose(kind) {
    this.kind = kind;
    this.element.dataset.kind = kind;
    if (!this.coefficients && kind !== "mask") this.want();
    if (this.levels) this.update(this.levels, this.picked);
  }

  /** The pointer is gone. */
  leave() {
    this.tip.hidden = true;
    this.point(null);
  }

  /** The text of the heading's tooltip. */
  help() {
    const { t } = this;
    const colours = t("Bright: kept. Dark: replaced.");
    if (this.bands.length === 1) return colours;
    const order = this.directional
      ? t(
        "First the lowpass, then each scale from coarse to fine, its bands ordered by angle; a stroke shows the direction of the edges that a band answers to.",
      )
      : t("Top left the lowpass, around it each scale from coarse to fine.");
    return [colours, order, t("Click a band to see it alone.")].join(" ");
  }

  /**
   * @param {Uint8Array} levels of the mask
   * @param {number | null} picked the band that is seen alone
   */
  update(levels, picked) {
    this.levels = levels;
    this.picked = picked;
    this.choice.value = picked === null ? "" : String(picked);
    const { coefficients } = this;
    const kind = coefficients ? this.kind : "mask"; // until they are here, the mask is shown
    if (coefficients && kind !== "mask") this.magnitudes ??= magnitudes(coefficients, this.bands);
    const cells = cellPixels(kind, this.table, levels, this.magnitudes);
    const { width, height } = this.canvas;
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    const picture = context.createImageData(width, height);
    const pixels = new Uint32Array(picture.data.buffer);
    for (const band of this.bands) {
      for (let row = 0; row < band.rows; row++) {
        const start = band.start + row * band.columns;
        pixels.set(cells.subarray(start, start + band.columns), (band.row + row) * width + band.column);
      }
    }
    context.putImageData(picture, 0, 0);
    this.canvas.setAttribute("aria-label", this.alternative(levels));
    this.draw();
  }

  draw() {
    this.stage.zoom.place();
    this.marks.draw(this.picked);
  }

  /** @param {Uint8Array} levels */
  alternative(levels) {
    const { t } = this;
    /** @param {Band} band */
    const share = (band) => percent(meanLevel(levels, band));
    if (this.bands.length === 1) return t("The mask. Share kept: {share}.", { share: share(this.bands[0]) });
    const shares = this.bands.map((band) => `${bandName(t, band)} ${share(band)}`).join(", ");
    return t("The mask as a mosaic of bands. Share kept: {shares}.", { shares });
  }

  /**
   * The cell under the pointer, or null between the bands.
   * @param {MouseEvent} event
   */
  at(event) {
    const [across, down] = this.stage.viewport.toPicture(this.stage.zoom.at({ x: event.clientX, y: event.clientY }));
    return cellAt(this.bands, Math.floor(down * this.canvas.height), Math.floor(across * this.canvas.width));
  }

  /** @param {MouseEvent} event */
  hover(event) {
    const cell = this.at(event);
    const { coefficients, levels } = this;
    if (!cell || !levels) return this.leave();
    this.tip.hidden = false;
    this.point(placeOf(cell.band, this.mosaic.factor, cell.row, cell.column));
    const { band, row, column, i } = cell;
    const { t } = this;
    const { factor } = this.mosaic;
    const several = factor > 1;
    const last = this.bands[this.bands.length - 1];
    const n = last.start + last.rows * last.columns;
    /** @type {string[]} */
    const colours = coefficients ? [] : ["…"];
    for (let k = i; coefficients && k < coefficients.length; k += n) {
      colours.push(brief(coefficients[k]));
    }
    /** @param {number} k @param {number} count */
    const entries = (k, count) => `${k * factor}–${Math.min((k + 1) * factor, count) - 1}`;
    const [rows, columns] = [entries(row, band.entries[0]), entries(column, band.entries[1])];
    const value = (levels[i] / 255).toFixed(2);
    this.tip.replaceChildren(
      h("b", {}, inWords(t, band)),
      h(
        "div",
        {},
        several ? t("rows {rows}, columns {columns}", { rows, columns }) : t("row {row}, column {column}", cell),
      ),
      h("div", {}, several ? t("mean mask {value}", { value }) : t("mask {value}", { value })),
      h("div", {}, t(this.measure, { values: colours.join(", ") })),
    );
    placeTip(this.tip, this.element, event);
  }
}
