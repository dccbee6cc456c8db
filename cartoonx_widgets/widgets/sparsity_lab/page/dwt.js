// The separable discrete wavelet transform (DWT) of orthogonal wavelets, for pages without a kernel: the same bands,
// in the same order, as `representations.Wavelet` has with "zero" and "periodization".

/**
 * A wavelet's filters of analysis, as PyWavelets' `dec_lo` and `dec_hi` have them, and how a picture goes on beyond its
 * border.
 * @typedef {{ low: number[], high: number[], mode: string }} Wavelet
 *
 * A band of rows x columns coefficients, the first of which is number `start`.
 * @typedef {{ start: number, rows: number, columns: number }} Place
 *
 * Which of n values each coefficient takes with each tap, coefficient by coefficient; n where it takes none.
 * @typedef {{ count: number, analysis: Int32Array, synthesis: Int32Array, isOrthonormal: boolean }} Sources
 */

/** One transform, fixed to pictures of some size. Pictures and coefficients are flat, row by row. */
export class Dwt {
  /**
   * @param {Wavelet} wavelet
   * @param {readonly [number, number]} size rows and columns of the picture
   * @param {number} levels how often the lowpass is split; 0 for the pixels themselves
   */
  constructor(wavelet, size, levels) {
    this.size = size;
    /** @type {Level[]} */
    this.levels = [];
    let [rows, columns] = size;
    for (let i = 0; i < levels; i++) {
      const level = new Level(wavelet, rows, columns);
      this.levels.push(level);
      [rows, columns] = [level.across.count, level.along.count];
    }
    /** @type {Place[]} lowpass, then horizontal, vertical and diagonal of each scale, coarse to fine */
    this.bands = [{ start: 0, rows, columns }];
    let start = rows * columns;
    for (let scale = levels; scale > 0; scale--) {
      const { across, along } = this.levels[scale - 1];
      for (let i = 0; i < 3; i++, start += across.count * along.count) {
        this.bands.push({ start, rows: across.count, columns: along.count });
      }
    }
    this.n = start; // coefficients
  }

  /**
   * The coefficients of a picture.
   * @param {Float64Array} picture
   */
  analyse(picture) {
    return this.#split(picture, "analysis");
  }

  /**
   * The adjoint of synthesis: the coefficients whose pictures cover a pixel, for the picture that is 1 there alone.
   * @param {Float64Array} picture
   */
  adjoint(picture) {
    return this.#split(picture, "synthesis");
  }

  /**
   * The norm of the picture of one coefficient of each band, in the band's middle: 1 for an orthonormal basis.
   */
  norms() {
    const isOrthonormal = this.levels.every(({ across, along }) => across.isOrthonormal && along.isOrthonormal);
    return this.bands.map(({ start, rows, columns }) => {
      if (isOrthonormal) return 1;
      const one = new Float64Array(this.n);
      one[start + (rows >> 1) * columns + (columns >> 1)] = 1;
      const norm = Math.sqrt(this.synthesise(one).reduce((sum, value) => sum + value ** 2, 0));
      return Math.abs(norm - 1) < 1e-5 ? 1 : norm;
    });
  }

  /**
   * The picture of some coefficients.
   * @param {Float64Array} coefficients
   */
  synthesise(coefficients) {
    const parts = this.bands.map(({ start, rows, columns }) => coefficients.subarray(start, start + rows * columns));
    return this.levels.reduceRight((low, level, index) => {
      const first = 1 + 3 * (this.levels.length - 1 - index);
      return level.merge(low, parts[first], parts[first + 1], parts[first + 2]);
    }, parts[0].slice());
  }

  /**
   * @param {Float64Array} picture
   * @param {"analysis" | "synthesis"} by whose sources
   */
  #split(picture, by) {
    const coefficients = new Float64Array(this.n);
    let low = picture;
    this.levels.forEach((level, index) => {
      const first = 1 + 3 * (this.levels.length - 1 - index);
      const [next, ...details] = level.split(low, by);
      details.forEach((detail, i) => coefficients.set(detail, this.bands[first + i].start));
      low = next;
    });
    coefficients.set(low);
    return coefficients;
  }
}

/** One split of a picture in four, and its inverse. */
class Level {
  /**
   * @param {Wavelet} wavelet
   * @param {number} rows
   * @param {number} columns
   */
  constructor({ low, high, mode }, rows, columns) {
    this.low = low;
    this.high = high;
    this.rows = rows;
    this.columns = columns;
    this.across = sources(rows, low.length, mode);
    this.along = sources(columns, low.length, mode);
  }

  /**
   * Lowpass, horizontal, vertical and diagonal details: a horizontal edge is high across the rows, low along them.
   * @param {Float64Array} picture
   * @param {"analysis" | "synthesis"} by whose sources
   */
  split(picture, by) {
    const [low, high] = this.#splitRows(picture, this.across[by]);
    const [lowpass, vertical] = this.#splitColumns(low, this.along[by]);
    const [horizontal, diagonal] = this.#splitColumns(high, this.along[by]);
    return [lowpass, horizontal, vertical, diagonal];
  }

  /**
   * The picture of a lowpass and its details.
   * @param {Float64Array} lowpass
   * @param {Float64Array} horizontal
   * @param {Float64Array} vertical
   * @param {Float64Array} diagonal
   */
  merge(lowpass, horizontal, vertical, diagonal) {
    const { rows, columns, across, low, high } = this;
    const stride = columns + 1;
    const [lower, upper] = [this.#mergeColumns(lowpass, vertical), this.#mergeColumns(horizontal, diagonal)];
    const picture = new Float64Array(rows * columns);
    for (let row = 0, i = 0; row < across.count; row++) {
      for (let tap = 0; tap < low.length; tap++, i++) {
        const source = across.synthesis[i];
        if (source === rows) continue;
        const [from, to, a, b] = [row * stride, source * columns, low[tap], high[tap]];
        for (let k = 0; k < columns; k++) picture[to + k] += a * lower[from + k] + b * upper[from + k];
      }
    }
    return picture;
  }

  /**
   * Low and high across the rows, each row with a 0 at its end, which is what coefficients take that take none.
   * @param {Float64Array} picture
   * @param {Int32Array} taken
   */
  #splitRows(picture, taken) {
    const { rows, columns, across, low, high } = this;
    const stride = columns + 1;
    const [lower, upper] = [new Float64Array(across.count * stride), new Float64Array(across.count * stride)];
    for (let row = 0, i = 0; row < across.count; row++) {
      for (let tap = 0; tap < low.length; tap++, i++) {
        const source = taken[i];
        if (source === rows) continue;
        const [from, to, a, b] = [source * columns, row * stride, low[tap], high[tap]];
        for (let k = 0; k < columns; k++) {
          lower[to + k] += a * picture[from + k];
          upper[to + k] += b * picture[from + k];
        }
      }
    }
    return [lower, upper];
  }

  /**
   * Low and high along the rows.
   * @param {Float64Array} picture
   * @param {Int32Array} taken
   */
  #splitColumns(picture, taken) {
    const { columns, across, along, low, high } = this;
    const taps = low.length;
    const [lower, upper] = [0, 1].map(() => new Float64Array(across.count * along.count));
    for (let row = 0, to = 0; row < across.count; row++) {
      const from = row * (columns + 1);
      for (let i = 0; i < taken.length; i += taps, to++) {
        let [a, b] = [0, 0];
        for (let tap = 0; tap < taps; tap++) {
          const value = picture[from + taken[i + tap]];
          a += low[tap] * value;
          b += high[tap] * value;
        }
        lower[to] = a;
        upper[to] = b;
      }
    }
    return [lower, upper];
  }

  /**
   * Put low and high along the rows together; the entry after each row's last is of no meaning.
   * @param {Float64Array} lower
   * @param {Float64Array} upper
   */
  #mergeColumns(lower, upper) {
    const { columns, across, along, low, high } = this;
    const taps = low.length;
    const merged = new Float64Array(across.count * (columns + 1));
    for (let row = 0, from = 0; row < across.count; row++) {
      const to = row * (columns + 1);
      for (let i = 0; i < along.synthesis.length; i += taps, from++) {
        const [a, b] = [lower[from], upper[from]];
        if (a === 0 && b === 0) continue; // as most are where few are kept
        for (let tap = 0; tap < taps; tap++) merged[to + along.synthesis[i + tap]] += a * low[tap] + b * high[tap];
      }
    }
    return merged;
  }
}

/**
 * What the coefficients of n values are made of, as PyWavelets counts: number i takes value 2 i + offset - j with tap j.
 * @param {number} n
 * @param {number} taps
 * @param {string} mode
 * @returns {Sources}
 */
function sources(n, taps, mode) {
  const isPeriodic = mode === "periodization";
  const period = n + (n % 2); // an odd number of values goes on with its last one
  const count = isPeriodic ? period / 2 : Math.floor((n + taps - 1) / 2);
  const offset = isPeriodic ? taps / 2 : 1;
  const [analysis, synthesis] = [new Int32Array(count * taps), new Int32Array(count * taps)];
  for (let i = 0; i < count * taps; i++) {
    const place = 2 * Math.floor(i / taps) + offset - (i % taps);
    const found = isPeriodic ? ((place % period) + period) % period : place >= 0 && place < n ? place : n;
    analysis[i] = isPeriodic ? Math.min(found, n - 1) : found;
    synthesis[i] = found;
  }
  return { count, analysis, synthesis, isOrthonormal: isPeriodic && n === period };
}
