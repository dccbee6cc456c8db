// A recorded run as the page holds it. Masks are unpacked when they are looked at, a group at once, and the coefficients
// when they are wanted.

import { bytes, inflated } from "../../shared/page/bytes.js";

/** @import { Moment, ReplayContent } from "./messages.d.ts" */

const GROUPS_KEPT = 4;

export class RecordedRun {
  /** @type {Map<number, Promise<Uint8Array[]>>} */
  #unpacked = new Map();
  #content;

  /** @param {ReplayContent} content */
  constructor(content) {
    this.#content = content;
    this.scene = { ...content.scene, source: content.photograph, coefficients: null };
    this.values = Float32Array.from(content.curves.flat());
    this.length = content.frames.length;
  }

  /**
   * What a `RunView` draws of a frame, with one band alone where one is picked.
   * @param {number} index of the frame
   * @param {number | null} band
   */
  async picture(index, band) {
    const { cartoon, rest, ...message } = this.#content.frames[index];
    const levels = await this.levels(index);
    const moment = band === null ? null : nearest(this.#content.parts, message.step);
    return {
      message: { ...message, band },
      source: cartoon,
      rest,
      levels,
      values: this.values,
      part: moment && band !== null ? moment.bands[band] : null,
      partStep: moment && moment.step,
    };
  }

  /** The photograph's coefficients, (C, cells). */
  coefficients() {
    return coefficients(this.#content.coefficients, cellsOf(this.#content));
  }

  /**
   * The mask of a frame, in levels of 0 to 255.
   * @param {number} index of the frame
   */
  async levels(index) {
    const size = this.#content.group;
    const groupIndex = Math.floor(index / size);
    const group = this.#unpacked.get(groupIndex) ?? this.#unpack(groupIndex);
    this.#unpacked.delete(groupIndex); // the one used last stands last
    this.#unpacked.set(groupIndex, group);
    const [oldest] = this.#unpacked.keys();
    if (this.#unpacked.size > GROUPS_KEPT) this.#unpacked.delete(oldest);
    return (await group)[index % size];
  }

  /** @param {number} groupIndex of the group */
  #unpack(groupIndex) {
    const { group, groups } = this.#content;
    const first = groupIndex * group;
    const frames = Math.min(group, this.length - first);
    const what = `The masks of frames ${first + 1} to ${first + frames}`;
    return masks(what, groups[groupIndex], frames, cellsOf(this.#content));
  }
}

/**
 * How many cells the mosaic has.
 * @param {ReplayContent} content
 */
const cellsOf = ({ scene }) => Math.max(...scene.bands.map(({ start, rows, columns }) => start + rows * columns));

/**
 * Of the moments whose bands are held, the one nearest to a step; null where none is held.
 * @param {Moment[]} moments
 * @param {number} step
 */
export function nearest(moments, step) {
  const [first = null, ...others] = moments;
  /** @param {Moment} moment */
  const away = (moment) => Math.abs(moment.step - step);
  return others.reduce((best, moment) => (best && away(moment) < away(best) ? moment : best), first);
}

/**
 * The masks of some frames that follow each other, which are packed as the first one and what changes then.
 * @param {string} what it is, for an error
 * @param {string | undefined} packed
 * @param {number} frames
 * @param {number} cells of each
 */
async function masks(what, packed, frames, cells) {
  const levels = await unpacked(what, packed);
  if (levels.length !== frames * cells) throw new Error(`${what} are damaged: not ${frames} of ${cells} cells.`);
  for (let i = cells; i < levels.length; i++) levels[i] += levels[i - cells];
  return Array.from({ length: frames }, (_, i) => levels.subarray(i * cells, (i + 1) * cells));
}

/**
 * Coefficients that are packed as bfloat16: the upper half of each float32, (C, cells).
 * @param {string} packed
 * @param {number} cells
 */
async function coefficients(packed, cells) {
  const what = "The photograph's coefficients";
  const data = await unpacked(what, packed);
  if (!data.length || data.length % (2 * cells)) throw new Error(`${what} are damaged: not ${cells} of each colour.`);
  const halves = new Uint16Array(data.buffer);
  const whole = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) whole[i] = halves[i] << 16;
  return new Float32Array(whole.buffer);
}

/**
 * Bytes from base64 of zlib.
 * @param {string} what it is, for an error
 * @param {string | undefined} packed
 */
async function unpacked(what, packed) {
  if (packed === undefined) throw new Error(`${what} are missing.`);
  try {
    return await inflated(bytes(packed));
  } catch (error) {
    throw new Error(`${what} are damaged: they cannot be unpacked.`, { cause: error });
  }
}
