// What is asked of the kernel while something is dragged: one request at a time and at most one a frame, the newest.

/** @import { FromPage } from "./messages.d.ts" */

/** @typedef {"draw" | "coefficient" | "keep"} Kind */

export class Requests {
  /** @type {[first: number, last: number] | null} samples that are not sent yet */
  #drawn = null;
  /** @type {{ index: number, value: number } | null} */
  #moved = null;
  /** @type {number | null} */
  #k = null;
  /** @type {{ kind: Kind, number: number, at: number } | null} what is not answered yet, and when it was wished for */
  #pending = null;
  /** @type {number | null} when what is not sent yet was wished for first */
  #since = null;
  #isDue = false;
  #count = Math.floor(1e9 * Math.random()); // so that two views of one lab do not take each other's answers

  /**
   * @param {(message: FromPage) => void} send
   * @param {() => Float64Array} samples of now
   * @param {(callback: () => void) => void} later calls back with the next frame
   */
  constructor(send, samples, later = (callback) => requestAnimationFrame(callback)) {
    this.send = send;
    this.samples = samples;
    this.later = later;
  }

  /**
   * Samples have changed, from the first to the last.
   * @param {number} first
   * @param {number} last
   */
  draw(first, last) {
    const [lowest, highest] = this.#drawn ?? [first, last];
    this.#drawn = [Math.min(lowest, first), Math.max(highest, last)];
    this.#ask();
  }

  /**
   * A coefficient has another value.
   * @param {number} index
   * @param {number} value
   */
  move(index, value) {
    this.#moved = { index, value };
    this.#ask();
  }

  /** @param {number} k coefficients to keep */
  keep(k) {
    this.#k = k;
    this.#ask();
  }

  /**
   * An answer came, perhaps to another view's request; the next one may go. Returns when it was wished for.
   * @param {number | null} number
   */
  answered(number) {
    if (!this.#pending || this.#pending.number !== number) return undefined;
    const { at } = this.#pending;
    this.#pending = null;
    this.#ask();
    return at;
  }

  /** A request was refused, perhaps one of these. */
  refused() {
    this.#pending = null;
    this.#ask();
  }

  /** Forget what is not sent yet, and what is not answered. */
  drop() {
    this.#drawn = null;
    this.#moved = null;
    this.#k = null;
    this.#pending = null;
    this.#since = null;
  }

  /**
   * Whether something of this kind is not answered yet.
   * @param {Kind} kind
   */
  isWaiting(kind) {
    const wish = { draw: this.#drawn, coefficient: this.#moved, keep: this.#k }[kind];
    return wish !== null || this.#pending?.kind === kind;
  }

  get isIdle() {
    return !["draw", "coefficient", "keep"].some((kind) => this.isWaiting(/** @type {Kind} */ (kind)));
  }

  #ask() {
    if (this.#drawn || this.#moved || this.#k !== null) this.#since ??= performance.now();
    if (this.#isDue || this.#pending) return;
    this.#isDue = true;
    this.later(() => {
      this.#isDue = false;
      if (!this.#pending) this.#sendNewest();
    });
  }

  #sendNewest() {
    const answers = this.#count + 1;
    if (this.#drawn) {
      const [first, last] = this.#drawn;
      this.#drawn = null;
      this.#wait("draw");
      this.send({ type: "draw", first, samples: [...this.samples().subarray(first, last + 1)], answers });
    } else if (this.#moved) {
      const { index, value } = this.#moved;
      this.#moved = null;
      this.#wait("coefficient");
      this.send({ type: "coefficient", index, value, answers });
    } else if (this.#k !== null) {
      const k = this.#k;
      this.#k = null;
      this.#wait("keep");
      this.send({ type: "keep", k, answers });
    }
  }

  /** @param {Kind} kind */
  #wait(kind) {
    this.#pending = { kind, number: ++this.#count, at: this.#since ?? 0 };
    this.#since = null;
  }
}
