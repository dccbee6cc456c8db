// Large messages, which the kernel sends in parts.

import { unframed } from "./frames.js";

/**
 * A part of a message: the message's number, and which of its parts it is.
 * @typedef {{ id: number, index: number, count: number }} Part
 */

/** Puts the parts of messages together, in whichever order they come. */
export class Parts {
  /** @type {Map<number, DataView<ArrayBuffer>[]>} of the messages that are not whole yet */
  #waiting = new Map();

  /**
   * Take a part; with the last one the message and its buffers, null before.
   * @param {Part} part
   * @param {DataView<ArrayBuffer>} bytes
   */
  take({ id, index, count }, bytes) {
    const parts = this.#waiting.get(id) ?? [];
    this.#waiting.set(id, parts);
    parts[index] = bytes;
    if (Object.keys(parts).length < count) return null;
    this.#waiting.delete(id);
    return unpacked(parts);
  }
}

/** @param {DataView<ArrayBuffer>[]} parts as `shared/parts.py` cuts them */
function unpacked(parts) {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let place = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    whole.set(new Uint8Array(buffer, byteOffset, byteLength), place);
    place += byteLength;
  }
  return unframed(whole.buffer);
}
