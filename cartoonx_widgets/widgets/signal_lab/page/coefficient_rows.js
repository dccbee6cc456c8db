// The coefficients of each scale as stems, coarse to fine; each can be dragged up and down.

import { h } from "../../shared/page/dom.js";
import { brief } from "../../shared/page/format.js";
import {
  bandsOf,
  dotsPath,
  HEADROOM,
  indexAt,
  limitOf,
  rounded,
  signed,
  stemsPath,
  widened,
  xOf,
  yOf,
} from "./geometry.js";
import { Track } from "./track.js";

/**
 * @import { Band } from "./geometry.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const NARROWEST = 4; // pixels between coefficients that have dots
const FARTHEST = 4; // times the limit, for a coefficient that is dragged beyond its row

export class CoefficientRows {
  /** @type {Float64Array} */
  coefficients = new Float64Array(1);
  /** @type {Uint8Array} */
  kept = new Uint8Array(1);
  /** The values at the upper edges of the lowpass and of the details, at first and now. */
  first = { lowpass: 1, details: 1 };
  limits = this.first;
  /** @type {number | null} the index of the chosen coefficient */
  chosen = null;
  /** @type {{ y: number, value: number } | null} where the pen came down, and the value that was there */
  pen = null;
  /** @type {{ band: Band, track: Track }[]} */
  rows = [];

  /**
   * @param {Translator} t
   * @param {object} use
   * @param {(tag?: string) => void} use.begin before a coefficient changes
   * @param {(index: number, value: number) => void} use.changed one has changed
   * @param {() => void} use.end it has been let go
   * @param {(index: number | null) => void} use.chose another one is chosen, or none
   */
  constructor(t, use) {
    this.t = t;
    this.use = use;
    const help = t(
      "Each stem is a coefficient, above the place of its wavelet. Drag one up or down. Arrow keys: left and right choose one, up and down move it.",
    );
    this.heading = h("h3", { title: help }, t("Coefficients"));
    this.caption = h("span", { class: "cx-caption", "aria-live": "polite" });
    this.body = h("div", {});
    this.element = h(
      "section",
      { class: "cx-panel" },
      h("header", {}, this.heading, this.caption),
      this.body,
      h(
        "div",
        { class: "cx-legend cx-signal-legend", "aria-hidden": "true" },
        h("span", { class: "cx-kept-key" }, t("kept")),
        h("span", { class: "cx-dropped-key" }, t("dropped")),
      ),
    );
  }

  /**
   * @param {number} n samples
   * @param {number} levels
   */
  arrange(n, levels) {
    this.rows = bandsOf(n, levels).map((band) => ({ band, track: this.#track(band) }));
    this.body.replaceChildren(
      ...this.rows.map(({ band, track }) => h("div", { class: "cx-lane" }, this.#label(band), track.element)),
    );
  }

  /**
   * Fit the heights to what is there.
   * @param {boolean} isNew whether they have little to do with what was shown
   * @param {number} limit of the signal; a tenth of it is the least that an edge stands for at first
   */
  fit(isNew, limit) {
    const { size } = this.rows[0].band;
    const [lowpass, details] = [this.coefficients.subarray(0, size), this.coefficients.subarray(size)];
    if (isNew) {
      const fitted = (/** @type {Float64Array} */ values) => limitOf([limit / 10 / HEADROOM, ...values], HEADROOM);
      this.first = { lowpass: fitted(lowpass), details: fitted(details) };
    }
    this.limits = { lowpass: widened(this.first.lowpass, lowpass), details: widened(this.first.details, details) };
  }

  /** @param {Band} band */
  #label(band) {
    const title = this.t("{count} coefficients", { count: band.size });
    return h("div", { class: "cx-gutter", title, "aria-hidden": "true" }, h("span", {}, this.#nameOf(band)));
  }

  /** @param {Band} band */
  #nameOf({ scale, isLowpass }) {
    return isLowpass ? this.t("lowpass") : this.t("scale {scale}", { scale });
  }

  /** @param {Band} band */
  #track(band) {
    const { use, t } = this;
    const track = new Track("cx-stems", ["middle", "dropped", "dropped-dots", "kept", "kept-dots", "chosen"], {
      begin: ([x, y]) => {
        this.choose(band.start + indexAt(x, band.size, track.box));
        this.pen = { y, value: this.coefficients[this.chosen ?? 0] };
      },
      move: (places) => {
        const [, y] = places[places.length - 1];
        if (!this.pen || this.chosen === null || y === this.pen.y) return; // a press alone changes nothing
        const { height, limit } = track.box;
        const most = FARTHEST * limit;
        const value = this.pen.value + (limit * (this.pen.y - y)) / (height / 2);
        this.#set(Math.max(-most, Math.min(most, value)), `pen ${this.chosen}`);
      },
      end: () => {
        this.pen = null;
        use.end();
      },
      go: (by) => this.#go(band, by),
      change: (by) => {
        this.#go(band, 0);
        const index = this.chosen ?? band.start;
        this.#set(this.coefficients[index] + by * track.limit, `coefficient ${index}`);
      },
      focus: () => this.#go(band, 0),
    });
    track.describe(
      t("{band}, {count} coefficients: left and right choose one, up and down move it", {
        band: this.#nameOf(band),
        count: band.size,
      }),
    );
    return track;
  }

  /**
   * Choose the coefficient of a band that lies so many to the right, from the middle where none of it is chosen.
   * @param {Band} band
   * @param {number} by
   */
  #go({ start, size }, by) {
    const isHere = this.chosen !== null && this.chosen >= start && this.chosen < start + size;
    const from = isHere && this.chosen !== null ? this.chosen : start + (size >> 1);
    this.choose(Math.max(start, Math.min(start + size - 1, from + by)));
  }

  /** @param {number} value @param {string} tag */
  #set(value, tag) {
    const index = this.chosen ?? 0;
    this.use.begin(tag);
    this.coefficients[index] = rounded(value);
    this.use.changed(index, this.coefficients[index]);
    this.draw();
  }

  /** @param {number | null} index of a coefficient */
  choose(index) {
    if (index !== this.chosen) {
      this.chosen = index;
      this.use.chose(index);
    }
    this.draw();
  }

  measure() {
    for (const { track } of this.rows) track.measure();
  }

  draw() {
    for (const { band, track } of this.rows) this.#drawRow(band, track);
    this.#say();
  }

  /** @param {Band} band @param {Track} track */
  #drawRow({ start, size, isLowpass }, track) {
    track.limit = this.limits[isLowpass ? "lowpass" : "details"];
    const { box } = track;
    if (!box.width) return;
    const values = this.coefficients.subarray(start, start + size);
    const kept = this.kept.subarray(start, start + size);
    // One that is 0 gives nothing, whether it is among the k largest or not.
    const isKept = (/** @type {number} */ i) => kept[i] === 1 && values[i] !== 0;
    const isDropped = (/** @type {number} */ i) => !isKept(i);
    const hasDots = box.width >= NARROWEST * size;
    const own = this.chosen === null ? -1 : this.chosen - start;
    track.draw({
      middle: `M0 ${box.height / 2}H${box.width}`,
      dropped: stemsPath(values, isDropped, box),
      "dropped-dots": hasDots ? dotsPath(values, isDropped, box) : "",
      kept: stemsPath(values, isKept, box),
      "kept-dots": hasDots ? dotsPath(values, isKept, box) : "",
      chosen: own >= 0 && own < size ? `M${xOf(own, size, box)} ${yOf(values[own], box)}h0` : "",
    });
  }

  #say() {
    const { t, chosen } = this;
    const row = this.rows.find(({ band }) =>
      chosen !== null && chosen >= band.start && chosen < band.start + band.size
    );
    const index = (chosen ?? 0) - (row?.band.start ?? 0) + 1;
    const value = signed(brief(this.coefficients[chosen ?? 0]));
    const heights = this.rows.length > 1
      ? t("heights: lowpass up to {lowpass}, details up to {details}", this.limits)
      : "";
    this.caption.textContent = row
      ? t("{band}, number {index}: {value}", { band: this.#nameOf(row.band), index, value })
      : heights;
  }
}
