// The records of a study as the page holds them: a typed array for each column, and texts that they point into.

import { bytes } from "../../shared/page/bytes.js";
import { direction } from "./scores.js";

/** @import { IllustratedRecords, Pictures } from "./messages.d.ts" */

const [KEPT, FAILED] = [1, 4]; // bits of a record's state, as `content.py` sets them

export class Records {
  /** @type {Record<string, Float32Array>} */
  #numbers = {};
  /** @type {Record<string, number[]>} */
  #ranks = {};
  #packed;
  #state;
  /** @type {number[][]} */
  #byMethod;

  /** @param {IllustratedRecords} content */
  constructor(content) {
    const { columns, count } = content;
    this.name = content.name;
    this.classifier = content.classifier;
    this.made = content.made;
    this.count = count;
    this.expected = content.expected;
    this.photographs = content.photographs;
    this.methods = content.methods;
    this.classes = content.classes;
    this.seeds = content.seeds;
    this.scores = content.scores;
    this.shown = content.shown;
    this.errors = content.errors;
    this.profiles = content.profiles;
    this.pictures = content.pictures;
    this.photographOf = unpacked("photograph", columns.photograph, Uint32Array, count);
    this.methodOf = unpacked("method", columns.method, Uint32Array, count);
    this.seedOf = unpacked("seed", columns.seed, Uint32Array, count);
    this.labelOf = unpacked("label", columns.label, Uint32Array, count);
    this.cartoonLabelOf = unpacked("cartoon_label", columns.cartoon_label, Uint32Array, count);
    this.#state = unpacked("state", columns.state, Uint8Array, count);
    this.#packed = content.numbers;
    this.all = Array.from({ length: count }, (_, i) => i);
    this.sound = this.all.filter((i) => !this.failed(i));
    this.#byMethod = this.methods.map((_, index) => this.sound.filter((i) => this.methodOf[i] === index));
  }

  /**
   * A column of numbers, NaN where a record failed.
   * @param {string} name
   */
  of(name) {
    return (this.#numbers[name] ??= unpacked(name, this.#packed[name], Float32Array, this.count));
  }

  /** @param {number} i */
  failed(i) {
    return Boolean(this.#state[i] & FAILED);
  }

  /** @param {number} i */
  kept(i) {
    return Boolean(this.#state[i] & KEPT);
  }

  /** @param {number} i */
  photograph(i) {
    return this.photographs[this.photographOf[i]];
  }

  /** @param {number} i */
  method(i) {
    return this.methods[this.methodOf[i]];
  }

  /** @param {number} i */
  seed(i) {
    return this.seeds[this.seedOf[i]];
  }

  /** @param {number} i */
  label(i) {
    return this.classes[this.labelOf[i]];
  }

  /** @param {number} i */
  cartoonLabel(i) {
    return this.classes[this.cartoonLabelOf[i]];
  }

  /**
   * Records of one photograph: by method, then by seed.
   * @param {number} photograph
   */
  ofPhotograph(photograph) {
    const found = this.all.filter((i) => this.photographOf[i] === photograph);
    return found.sort((a, b) => this.methodOf[a] - this.methodOf[b] || this.seedOf[a] - this.seedOf[b]);
  }

  /**
   * Records of one method without those that failed, in their order.
   * @param {number} method
   */
  ofMethod(method) {
    return this.#byMethod[method];
  }

  /**
   * The best by a score, or the worst; of one method, or of all (null). Of equal ones the first comes first.
   * @param {string} name
   * @param {number | null} method
   * @param {number} count
   */
  ranked(name, method, count, { worst = false } = {}) {
    const values = this.of(name);
    const sign = direction(this, name) * (worst ? -1 : 1);
    const order = (this.#ranks[`${name} ${worst}`] ??= this.sound
      .filter((i) => Number.isFinite(values[i]))
      .sort((a, b) => sign * (values[b] - values[a]) || a - b));
    return (method === null ? order : order.filter((i) => this.methodOf[i] === method)).slice(0, count);
  }

  /**
   * Data URL of a photograph, null where the page does not have it.
   * @param {number} photograph
   */
  photographPicture(photograph) {
    return pictureUrl(this.pictures.photographs[photograph]);
  }

  /**
   * Data URL of a record's cartoon, null where the page does not have it.
   * @param {number} i
   */
  cartoonPicture(i) {
    return pictureUrl(this.pictures.cartoons[i]);
  }

  /**
   * Pictures that came later.
   * @param {Pictures} pictures
   */
  add({ photographs, cartoons }) {
    Object.assign(this.pictures.photographs, photographs);
    Object.assign(this.pictures.cartoons, cartoons);
  }
}

/** @param {string | undefined} text */
const pictureUrl = (text) => (text ? `data:image/jpeg;base64,${text}` : null);

/**
 * The numbers of a column, from base64 of little-endian bytes.
 * @template {Uint8Array | Uint32Array | Float32Array} Numbers
 * @param {string} name
 * @param {string | undefined} text
 * @param {{ new (buffer: ArrayBuffer): Numbers, BYTES_PER_ELEMENT: number }} Type
 * @param {number} count
 */
function unpacked(name, text, Type, count) {
  if (text === undefined) throw new Error(`The records are damaged: there is no column ${name}.`);
  let data;
  try {
    data = bytes(text);
  } catch {
    throw new Error(`The records are damaged: column ${name} is not base64.`);
  }
  const expected = count * Type.BYTES_PER_ELEMENT;
  if (data.length !== expected) {
    throw new Error(`The records are damaged: column ${name} has ${data.length} bytes, not ${expected}.`);
  }
  return new Type(data.buffer);
}
