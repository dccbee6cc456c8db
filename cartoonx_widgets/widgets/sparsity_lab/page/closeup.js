// The picture and the mosaic side by side: a coefficient is picked to see its wavelet, a pixel to see what covers it.

import { inWords } from "../../run_view/page/bands.js";
import { decoded, numbers } from "../../shared/page/bytes.js";
import { h } from "../../shared/page/dom.js";
import { grouped } from "../../shared/page/format.js";
import { LabMosaic } from "./mosaic.js";
import { PickView } from "./pick_view.js";

/**
 * @import { FromPage, PickedCoefficient, PickedPixel, Setup } from "./messages.d.ts"
 * @import { Band } from "../../run_view/page/messages.d.ts"
 * @import { Viewport } from "../../shared/page/viewport.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class Closeup {
  /** @type {ImageBitmap | null} */
  bitmap = null;
  /** @type {Band[]} */
  bands = [];

  /**
   * @param {Translator} t
   * @param {Viewport} viewport of the picture
   * @param {(message: FromPage) => void} send asks the kernel
   * @param {(words: string) => void} changed gets what is picked: "pixel 3 5", "coefficient d1 3 5" or ""
   */
  constructor(t, viewport, send, changed) {
    this.t = t;
    this.changed = changed;
    this.picture = new PickView(t, t("Picture"), t("Click a pixel to see which coefficients cover it."), {
      pick: (row, column) => send({ type: "pixel", row, column }),
      label: t("Picture: move with the arrow keys, pick a pixel with Enter; plus and minus zoom, 0 shows all"),
      viewport,
    });
    this.mosaic = new LabMosaic(t, (band, row, column) => send({ type: "coefficient", band, row, column }));
    this.back = h(
      "button",
      { class: "cx-small", hidden: true, title: t("Escape does the same"), onclick: () => this.letGo() },
      t("Back"),
    );
    this.picture.header.append(this.back);
    this.elements = [this.picture.element, this.mosaic.element];
  }

  /**
   * @param {Setup} setup
   * @param {ImageBitmap} bitmap the picture
   * @param {Uint8Array} cells of the mosaic
   */
  set(setup, bitmap, cells) {
    this.bitmap = bitmap;
    this.bands = setup.bands;
    this.mosaic.set(setup, cells);
    this.letGo();
  }

  /**
   * Show what was picked.
   * @param {PickedCoefficient | PickedPixel} content
   * @param {DataView} buffer
   */
  async show(content, buffer) {
    this.restore();
    if (content.kind === "pixel") this.showPixel(content, numbers(buffer, Uint8Array));
    else this.showCoefficient(content, await decoded(buffer));
    this.back.hidden = false;
  }

  /**
   * @param {PickedPixel} content
   * @param {Uint8Array} strengths of the mosaic's cells
   */
  showPixel({ row, column, count, counts }, strengths) {
    const { t, picture, mosaic } = this;
    picture.cursor = [row, column];
    picture.showCross();
    mosaic.leave();
    mosaic.cover(strengths);
    const parts = Object.entries(counts).map(([scale, count]) =>
      scale === "lowpass" ? t("{count} of the lowpass", { count }) : t("{count} of scale {scale}", { count, scale })
    );
    picture.caption.textContent = t("Row {row}, column {column}: {count} coefficients cover this pixel", {
      row,
      column,
      count,
    });
    mosaic.caption.textContent = t("In blue, bright where kept: {counts}", { counts: parts.join(", ") });
    this.changed(`pixel ${row} ${column}`);
  }

  /**
   * @param {PickedCoefficient} content
   * @param {ImageBitmap} bitmap its wavelet
   */
  showCoefficient(content, bitmap) {
    const { t, picture, mosaic } = this;
    const { row, column, rank, magnitude, support, cell } = content;
    const band = this.bands[content.band];
    const words = { band: inWords(t, band), row, column };
    mosaic.mark({ band, cell });
    picture.heading.textContent = t("Its wavelet");
    picture.draw(bitmap, t("The wavelet of the coefficient {band}, row {row}, column {column}", words));
    picture.enlarge(bitmap, support);
    picture.caption.textContent = `${words.band}, ${t("row {row}, column {column}", words)}`;
    const figures = { rank: grouped(rank), magnitude: Number(magnitude.toPrecision(3)) };
    mosaic.caption.textContent = t("Number {rank} by size, magnitude {magnitude}", figures);
    this.changed(`coefficient ${band.name} ${row} ${column}`);
  }

  /** Nothing is picked any more. */
  letGo() {
    const { t } = this;
    this.restore();
    this.mosaic.leave();
    this.picture.caption.textContent = t("Click a pixel: which coefficients cover it?");
    this.mosaic.caption.textContent = t("Click a coefficient: what does it stand for?");
    this.back.hidden = true;
    this.changed("");
  }

  restore() {
    const { t, picture, mosaic } = this;
    picture.heading.textContent = t("Picture");
    picture.leave();
    if (this.bitmap) picture.draw(this.bitmap, t("The picture that is taken apart"));
    mosaic.mark(null);
    if (mosaic.covering) mosaic.cover(null);
  }
}
