// What the signal was before, to be taken back.

const MOST = 100;

export class History {
  /** @type {Float64Array[]} */
  #before = [];
  #tag = "";

  /**
   * Keep the samples as they are before something changes them. What goes on with the same tag is taken back as one.
   * @param {Float64Array} samples
   * @param {string} tag
   */
  keep(samples, tag = "") {
    if (tag && tag === this.#tag) return;
    this.#tag = tag;
    this.#before.push(samples.slice());
    if (this.#before.length > MOST) this.#before.shift();
  }

  /** What comes next is a change of its own, whatever its tag. */
  rest() {
    this.#tag = "";
  }

  /** The samples before the last change; undefined where there is none. */
  back() {
    this.#tag = "";
    return this.#before.pop();
  }

  clear() {
    this.#before = [];
    this.#tag = "";
  }

  get isEmpty() {
    return !this.#before.length;
  }
}
