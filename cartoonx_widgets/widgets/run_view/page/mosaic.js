// The mask, or the coefficients, as a picture of all bands; hovering describes a cell, a click picks a band.

import { bandName, inWords, meanLevel } from "./bands.js";
import { cellAt } from "./mosaic_cell.js";
import { cellColour, magnitudes, placeOf } from "./mosaic_cells.js";
import { hasRoom, strokes } from "./mosaic_geometry.js";
import { colourTable } from "../../shared/page/colours.js";
import { h } from "../../shared/page/dom.js";
import { brief, percent } from "../../shared/page/format.js";
import { PicturePanel } from "../../shared/page/picture.js";
import { phrase } from "../../shared/page/texts.js";
import { placeTip } from "../../shared/page/tip.js";

/**
 * @import { Band, Mosaic } from "./messages.d.ts"
 * @import { Kind } from "./mosaic_cells.js"
 * @import { Place } from "../../shared/page/picture.js"
 * @import { Layout, Trace } from "../../shared/page/plotly.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class MosaicPanel extends PicturePanel {
  /** @type {Band[]} */
  bands = [];
  /** @type {Mosaic} */
  mosaic = { shape: [1, 1], factor: 1, row_ticks: [], column_ticks: [] };
  directional = false;
  /** @type {Float32Array | null} of the photograph, (C, cells); null until they are here */
  coefficients = null;
  /** @type {Uint8Array | null} how bright each of them is */
  magnitudes = null;
  /** @type {Kind} */
  kind = "mask";
  /** @type {Uint8Array | null} the mask's */
  levels = null;
  /** @type {number | null} the band that is seen alone */
  picked = null;
  table = new Uint8Array(0);
  /** @type {[number, string][]} */
  scale = [];
  measure = "";
  /** @type {Trace[]} */
  strokes = [];

  /**
   * @param {Translator} t
   * @param {(index: number | null) => void} pick gets the band to be seen alone, null for none
   * @param {object} wanted
   * @param {() => void} wanted.want is called when there are no coefficients, and they are to be shown or pointed at
   * @param {(place: Place | null) => void} wanted.point gets the place in the photograph that the pointer's cell has
   */
  constructor(t, pick, { want, point }) {
    super(t, t("Mosaic"), "");
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
    this.header.append(this.kinds, this.choice);
    this.tip = h("div", { class: "cx-tip", hidden: true });
    this.element.append(this.tip);
    this.canvas = h("canvas");
    this.plot.addEventListener("pointerenter", () => this.coefficients ?? want());
    this.plot.addEventListener("pointermove", (event) => this.hover(event));
    this.plot.addEventListener("pointerleave", () => this.leave());
    this.plot.addEventListener("click", (event) => {
      const cell = this.at(event);
      if (cell && this.bands.length > 1) this.pick(cell.index);
    });
  }

  /** @param {import("./run_view.js").ShownScene} scene */
  set({ bands, mosaic, directional, colours, coefficients }) {
    const { t } = this;
    this.bands = bands;
    this.mosaic = mosaic;
    this.directional = directional;
    this.coefficients = coefficients;
    this.magnitudes = coefficients && magnitudes(coefficients, bands);
    this.levels = null;
    this.tip.hidden = true;
    this.choice.hidden = bands.length < 2;
    this.choice.replaceChildren(
      h("option", { value: "" }, t("all bands")),
      ...bands.map((band, value) => h("option", { value }, bandName(t, band))),
    );
    this.heading.textContent = bands.length > 1 ? t("Mosaic") : t("Mask");
    this.heading.title = this.help();
    [this.canvas.height, this.canvas.width] = mosaic.shape;
    this.table = colourTable(colours);
    this.scale = colours.map((colour, i) => [i / (colours.length - 1), colour]);
    // Magnitudes where a coefficient is complex or a cell stands for several.
    this.measure = bands.some((band) => band.complex)
      ? phrase("magnitude, red green blue: {values}")
      : phrase("coefficient, red green blue: {values}");
    if (mosaic.factor > 1) this.measure = phrase("mean magnitude, red green blue: {values}");
    this.strokes = directional ? strokes(bands, mosaic) : [];
  }

  /** @param {Float32Array} coefficients that were wanted */
  setCoefficients(coefficients) {
    this.coefficients = coefficients;
    this.magnitudes = magnitudes(coefficients, this.bands);
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
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    const known = this.magnitudes; // until they are here, the mask is shown
    const kind = known ? this.kind : "mask";
    const picture = context.createImageData(this.canvas.width, this.canvas.height);
    for (const band of this.bands) {
      for (let row = 0, i = band.start; row < band.rows; row++) {
        let offset = 4 * ((band.row + row) * this.canvas.width + band.column);
        for (let column = 0; column < band.columns; column++, i++, offset += 4) {
          picture.data.set(cellColour(kind, this.table, levels[i], known ? known[i] : 0), offset);
          picture.data[offset + 3] = 255;
        }
      }
    }
    context.putImageData(picture, 0, 0);
    this.traces[0].source = null; // the band picked may have changed where the mask has not
    return this.show(this.canvas.toDataURL(), this.alternative(levels));
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
   * @param {Layout} axis
   * @returns {Layout}
   */
  compose(axis) {
    const layout = super.compose(axis);
    if (!this.bands.length) return layout;
    const { row_ticks: rows, column_ticks: columns } = this.mosaic;
    const margin = { l: rows.length ? 18 : 4, r: 34, t: columns.length ? 18 : 8, b: 8 };
    const room = {
      width: this.plot.clientWidth - margin.l - margin.r,
      height: this.plot.clientHeight - margin.t - margin.b,
    };
    const cell = Math.min(room.width / this.canvas.width, room.height / this.canvas.height); // in pixels
    /** @type {Layout} */
    const colorbar = {
      thickness: 8,
      x: 1,
      xpad: 2,
      ypad: 0,
      outlinewidth: 0,
      tickvals: [0, 0.5, 1],
      tickfont: { size: 10 },
    };
    colorbar.len = Math.min(1, (cell * this.canvas.height) / room.height);
    const marker = { cmin: 0, cmax: 1, color: [0], colorscale: this.scale, showscale: true, colorbar };
    this.traces = [
      { ...this.traces[0], zsmooth: cell < 1 ? "fast" : false },
      { type: "scatter", x: [null], y: [null], mode: "markers", hoverinfo: "skip", marker },
      ...this.strokes,
    ];
    layout.annotations = this.names(cell);
    layout.shapes = this.frame();
    // Each scale is named on the margins, where the coarse ones have no room for names of their own.
    /** @param {[number, string][]} named @param {string} side */
    const ticks = (named, side) => ({
      ...axis,
      visible: named.length > 0,
      showgrid: false,
      zeroline: false,
      showline: false,
      constrain: "domain",
      tickvals: named.map(([position]) => position - 0.5),
      ticktext: named.map(([, text]) => text),
      tickfont: { size: 9 },
      tickangle: 0,
      side,
    });
    layout.xaxis = { ...ticks(columns, "top"), range: [-0.5, this.canvas.width - 0.5] };
    layout.yaxis = { ...ticks(rows, "left"), scaleanchor: "x", range: [this.canvas.height - 0.5, -0.5] };
    return { ...layout, margin };
  }

  /**
   * Names in the tiles that have room; the others are shown by hovering, and directions by strokes.
   * @param {number} cell its side, in pixels
   */
  names(cell) {
    if (this.bands.length === 1) return [];
    const named = this.bands
      .map((band) => ({ ...band, name: bandName(this.t, band) }))
      .filter((band) => hasRoom(band, this.mosaic, cell) && !(this.directional && band.angle !== null));
    return named.map((band) => ({
      text: band.name,
      x: band.column - 0.5 + 2 / cell, // two pixels from its corner
      y: band.row - 0.5 + 2 / cell,
      xanchor: "left",
      yanchor: "top",
      showarrow: false,
      borderpad: 1,
      bgcolor: "rgba(0,0,0,0.55)",
      font: { color: "#ffffff", size: 10 },
    }));
  }

  /** A frame around the band that is picked. */
  frame() {
    if (this.picked === null) return [];
    const band = this.bands[this.picked];
    const [x0, y0] = [band.column - 1, band.row - 1];
    const line = { color: "#56b4e9", width: 2 };
    return [{ type: "rect", x0, y0, x1: band.column + band.columns, y1: band.row + band.rows, line }];
  }

  /**
   * The cell under the pointer, or null between the bands.
   * @param {MouseEvent} event
   */
  at(event) {
    const { xaxis, yaxis } = this.plot._fullLayout ?? {};
    if (!xaxis || !yaxis) return null;
    const box = this.plot.getBoundingClientRect();
    const column = Math.round(xaxis.p2d(event.clientX - box.left - xaxis._offset));
    const row = Math.round(yaxis.p2d(event.clientY - box.top - yaxis._offset));
    return cellAt(this.bands, row, column);
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
