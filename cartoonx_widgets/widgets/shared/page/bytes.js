// Bytes as messages and pages carry them, and what they become.

/**
 * A data URL of an encoded picture.
 * @param {DataView} view its bytes, as messages carry them
 * @param {string} type its MIME type
 */
export function dataUrl(view, type) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return `data:${type};base64,${btoa(text)}`;
}

/**
 * The numbers in a message's buffer, copied: they need not start at a multiple of their size.
 * @template T
 * @param {DataView} view
 * @param {new (buffer: ArrayBuffer) => T} Type such as Float32Array
 */
export function numbers(view, Type) {
  const { buffer, byteOffset, byteLength } = view;
  return new Type(/** @type {ArrayBuffer} */ (buffer).slice(byteOffset, byteOffset + byteLength));
}

/**
 * A picture as something that a canvas draws at once.
 * @param {DataView | ImageData} view encoded; or as it is, where no kernel sends it
 */
export const decoded = (view, type = "image/jpeg") =>
  createImageBitmap(
    view instanceof DataView ? new Blob([/** @type {DataView<ArrayBuffer>} */ (view)], { type }) : view,
  );

/**
 * The bytes of base64 text.
 * @param {string} text
 */
export function bytes(text) {
  const found = atob(text);
  const array = new Uint8Array(found.length);
  for (let i = 0; i < found.length; i++) array[i] = found.charCodeAt(i);
  return array;
}

/**
 * What these bytes were before they were packed.
 * @param {BufferSource} packed
 * @param {CompressionFormat} format
 */
function unpacked(packed, format) {
  const { readable, writable } = new DecompressionStream(format);
  const writer = writable.getWriter();
  // Damage fails what reads.
  writer.write(/** @type {BufferSource & { buffer: ArrayBuffer }} */ (packed)).catch(() => {});
  writer.close().catch(() => {});
  return new Response(readable);
}

/**
 * The bytes that zlib packed.
 * @param {BufferSource} packed
 */
export const inflated = async (packed) => new Uint8Array(await unpacked(packed, "deflate").arrayBuffer());

/**
 * What gzip packed.
 * @param {BufferSource} packed
 */
export const gunzipped = (packed) => unpacked(packed, "gzip").blob();
