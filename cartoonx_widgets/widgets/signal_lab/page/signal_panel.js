// The signal as a line that is drawn, what is kept of it, and the wavelet of the chosen coefficient.

import { h } from "../../shared/page/dom.js";
import { brief } from "../../shared/page/format.js";
import {
  areaPath,
  dotsPath,
  indexAt,
  limitOf,
  linePath,
  rounded,
  signed,
  stroke,
  valueAt,
  xOf,
  yOf,
} from "./geometry.js";
import { Track } from "./track.js";

/**
 * @import { Place } from "./track.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const ATOM_ROOM = 1.6; // times the wavelet's own height, for the half of the drawing
const DOTTED = 64; // samples, at most, that have dots

export class SignalPanel {
  /** @type {Float64Array} */
  samples = new Float64Array(1);
  /** @type {Float64Array} */
  approximation = new Float64Array(1);
  /** @type {Float64Array | null} */
  atom = null;
  /** @type {number | null} the sample that the arrow keys move */
  cursor = null;
  /** @type {{ index: number, value: number } | null} where the pen is */
  pen = null;

  /**
   * @param {Translator} t
   * @param {object} use
   * @param {(tag?: string) => void} use.begin before samples change
   * @param {(first: number, last: number) => void} use.changed samples have changed
   * @param {() => void} use.end a stroke has ended
   */
  constructor(t, { begin, changed, end }) {
    this.t = t;
    /** @param {Place[]} places */
    const draw = (places) => {
      const { box } = this.track;
      for (const [x, y] of places) {
        const to = { index: indexAt(x, this.samples.length, box), value: valueAt(y, box) };
        changed(...stroke(this.samples, this.pen ?? to, to));
        this.pen = to;
        this.cursor = to.index;
      }
      this.draw();
    };
    this.track = new Track("cx-signal", ["atom", "middle", "samples", "samples-dots", "approximation", "chosen"], {
      begin: (place) => {
        begin();
        this.pen = null;
        draw([place]);
      },
      move: draw,
      end: () => {
        this.pen = null;
        end();
      },
      go: (by) => this.go(by),
      change: (by) => {
        const index = this.cursor ?? 0;
        begin(`sample ${index}`);
        this.samples[index] = rounded(this.samples[index] + by * this.track.limit);
        changed(index, index);
        this.go(0);
      },
      focus: () => this.go(0),
    });
    const help = t(
      "Draw with the mouse, a pen or a finger. Arrow keys: left and right choose a sample, up and down move it.",
    );
    this.heading = h("h3", { title: help }, t("Signal"));
    this.caption = h("span", { class: "cx-caption", "aria-live": "polite" });
    this.scale = h("div", { class: "cx-gutter", "aria-hidden": "true" });
    this.element = h(
      "section",
      { class: "cx-panel" },
      h("header", {}, this.heading, this.caption),
      h("div", { class: "cx-lane" }, this.scale, this.track.element),
      h(
        "div",
        { class: "cx-legend cx-signal-legend", "aria-hidden": "true" },
        h("span", { class: "cx-samples-key" }, t("signal: draw it")),
        h("span", { class: "cx-approximation-key" }, t("from the k largest coefficients")),
        h("span", { class: "cx-atom-key" }, t("wavelet of the chosen coefficient, not to scale")),
      ),
    );
  }

  /** @param {number} by how far the cursor goes */
  go(by) {
    const last = this.samples.length - 1;
    this.cursor = Math.max(0, Math.min(last, (this.cursor ?? last >> 1) + by));
    this.draw();
  }

  /** @param {number} limit the value at the upper edge */
  fit(limit) {
    this.track.limit = limit;
    this.scale.replaceChildren(...[limit, 0, -limit].map((value) => h("span", {}, signed(String(value)))));
  }

  draw() {
    const { t, samples, approximation, atom, cursor, track } = this;
    const { box } = track;
    if (!box.width) return;
    track.draw({
      atom: atom ? areaPath(atom, { ...box, limit: limitOf(atom, ATOM_ROOM) }) : "",
      middle: `M0 ${box.height / 2}H${box.width}`,
      samples: linePath(samples, box),
      "samples-dots": samples.length <= DOTTED ? dotsPath(samples, () => true, box) : "",
      approximation: linePath(approximation, box),
      chosen: cursor === null ? "" : `M${xOf(cursor, samples.length, box)} ${yOf(samples[cursor], box)}h0`,
    });
    this.caption.textContent = cursor === null ? "" : t("sample {index} of {n}: {value}", {
      index: cursor + 1,
      n: samples.length,
      value: signed(brief(samples[cursor])),
    });
  }
}
