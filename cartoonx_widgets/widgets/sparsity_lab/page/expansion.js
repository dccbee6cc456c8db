// A picture's coefficients, to be kept by size: as `sparsity.Frame` has it, for pages without a kernel.

import { fittedDecay, logSpaced, luminance } from "./measures.js";

/**
 * @import { Dwt } from "./dwt.js"
 * @import { Decay, Line } from "./messages.d.ts"
 */

const LINE_POINTS = 160;

export class Expansion {
  /**
   * @param {Float64Array[]} picture its three colours
   * @param {Dwt} transform
   */
  constructor(picture, transform) {
    this.transform = transform;
    this.coefficients = picture.map((plane) => transform.analyse(plane));
    const [red, green, blue] = this.coefficients;
    /** the root of the sum of squares over the colours, which share the choice, times the norm of what it stands for */
    this.importance = red.map((value, i) => Math.sqrt(value ** 2 + green[i] ** 2 + blue[i] ** 2));
    transform.norms().forEach((norm, index) => {
      const { start, rows, columns } = transform.bands[index];
      for (let i = start; norm !== 1 && i < start + rows * columns; i++) this.importance[i] *= norm;
    });
    this.magnitudes = this.importance.slice().sort().reverse();
  }

  get n() {
    return this.importance.length;
  }

  /**
   * Which are kept: the k largest, of equals the first, and of those the ones that are allowed.
   * @param {number} k
   * @param {Uint8Array | null} allowed
   */
  kept(k, allowed = null) {
    const { importance, magnitudes } = this;
    const mask = new Uint8Array(this.n);
    if (k === 0) return mask;
    const threshold = magnitudes[k - 1];
    let equals = k - magnitudes.findIndex((value) => value <= threshold); // how many as large as the last are taken
    for (let i = 0; i < mask.length; i++) {
      if (importance[i] > threshold || (importance[i] === threshold && equals-- > 0)) {
        mask[i] = allowed ? allowed[i] : 1;
      }
    }
    return mask;
  }

  /**
   * The picture of what is kept; it may leave [0, 1].
   * @param {Uint8Array} mask
   */
  synthesise(mask) {
    return this.coefficients.map((plane) => this.transform.synthesise(plane.map((value, i) => (mask[i] ? value : 0))));
  }

  /**
   * The positions that may be kept where some bands are off, by their indices; null where none is.
   * @param {number[]} off
   */
  allowed(off) {
    if (!off.length) return null;
    const allowed = new Uint8Array(this.n).fill(1);
    for (const { start, rows, columns } of off.map((index) => this.transform.bands[index])) {
      allowed.fill(0, start, start + rows * columns);
    }
    return allowed;
  }

  /**
   * The energy of each band; of what is kept of it, with a mask.
   * @param {Uint8Array | null} mask
   */
  energies(mask = null) {
    return this.transform.bands.map(({ start, rows, columns }) => {
      let sum = 0;
      for (let i = start; i < start + rows * columns; i++) if (!mask || mask[i]) sum += this.importance[i] ** 2;
      return sum;
    });
  }

  /** Sorted magnitudes at ranks that are evenly spaced on a logarithmic axis. @returns {Line} */
  line() {
    const rank = logSpaced(1, this.n, LINE_POINTS);
    return { rank, magnitude: rank.map((one) => this.magnitudes[one - 1] || null) };
  }

  /** @returns {Decay} */
  decay() {
    return fittedDecay(this.magnitudes);
  }

  /** The brightness of the lowpass, of the pixels where nothing is split. */
  lowpass() {
    const [{ rows, columns }] = this.transform.bands;
    return luminance(this.coefficients.map((plane) => plane.subarray(0, rows * columns)));
  }
}
