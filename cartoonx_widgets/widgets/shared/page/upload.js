// A file of the user's, to the kernel: in parts, for Jupyter's servers refuse messages of more than some 10 MB. Each says
// which it is, since marimo's requests may overtake each other.

import { h } from "./dom.js";

/**
 * @import { Upload } from "./messages.d.ts"
 * @import { Send, Translator } from "./types.d.ts"
 */

const PART = 3_000_000; // bytes; no message has more than 5 MB, also where bytes travel as base64

/**
 * A field that sends the photograph which is chosen in it; it is not seen, a button opens it.
 * @param {Translator} t
 * @param {Send<Upload>} send
 */
export function photographField(t, send) {
  const field = h("input", {
    type: "file",
    accept: "image/*",
    class: "cx-file",
    tabindex: "-1",
    "aria-label": t("Upload a photograph"),
    onchange() {
      const [file] = field.files ?? [];
      if (file) sendFile(file, send);
      field.value = "";
    },
  });
  return field;
}

/**
 * @param {File} file
 * @param {Send<Upload>} send
 */
export async function sendFile(file, send) {
  const data = await file.arrayBuffer();
  const count = Math.max(1, Math.ceil(data.byteLength / PART));
  const key = Math.floor(2 ** 31 * Math.random());
  for (let index = 0; index < count; index++) {
    const part = data.slice(index * PART, (index + 1) * PART);
    send({ type: "upload", name: file.name, key, index, count }, [part]);
  }
}
