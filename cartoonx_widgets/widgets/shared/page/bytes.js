// Bytes as messages and pages carry them, and what they become.

/** A data URL of encoded picture bytes (a DataView, as widget messages carry them). */
export function dataUrl(view, type) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return `data:${type};base64,${btoa(text)}`;
}

/** The numbers in a message's buffer; copied where they do not start at a multiple of their size. */
export function numbers(view, Type) {
  const { buffer, byteOffset, byteLength } = view;
  return new Type(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** Encoded picture bytes as something that a canvas draws at once. */
export const decoded = (view, type = "image/jpeg") => createImageBitmap(new Blob([view], { type }));

/** The bytes of base64 text. */
export function bytes(text) {
  const found = atob(text);
  const array = new Uint8Array(found.length);
  for (let i = 0; i < found.length; i++) array[i] = found.charCodeAt(i);
  return array;
}

/** The bytes that zlib packed. */
export async function inflated(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The text that gzip packed. */
export async function gunzipped(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}
