// A message and its buffers as one run of bytes, as `shared/frames.py` writes it.

const PREFIX = 4; // bytes that hold the length of the JSON, the lowest first

/**
 * A frame: the length of its JSON, the JSON, and the buffers.
 * @param {object} message
 * @param {ArrayBuffer[]} buffers
 */
export function framed(message, buffers) {
  const text = new TextEncoder().encode(
    JSON.stringify({ ...message, lengths: buffers.map((buffer) => buffer.byteLength) }),
  );
  const prefix = new DataView(new ArrayBuffer(PREFIX));
  prefix.setUint32(0, text.byteLength, true);
  return new Blob([prefix, text, ...buffers]);
}

/**
 * The message of a frame, and its buffers, which are not copied.
 * @param {ArrayBuffer} frame
 * @returns {[message: any, buffers: DataView<ArrayBuffer>[]]}
 */
export function unframed(frame) {
  const length = new DataView(frame).getUint32(0, true);
  const { lengths = [], ...message } = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, PREFIX, length)));
  let start = PREFIX + length;
  const buffers = lengths.map((/** @type {number} */ size) => {
    const view = new DataView(frame, start, size);
    start += size;
    return view;
  });
  return [message, buffers];
}
