import assert from "node:assert/strict";
import { Parts } from "../../cartoonx_widgets/widgets/shared/page/parts.js";

/**
 * A message as `shared/parts.py` packs it, in pieces of so many bytes.
 * @param {object} content
 * @param {number[][]} buffers
 * @param {number} size
 */
function packed(content, buffers, size) {
  const text = new TextEncoder().encode(JSON.stringify({ content, lengths: buffers.map(({ length }) => length) }));
  const head = new DataView(new ArrayBuffer(4));
  head.setUint32(0, text.length, true);
  const whole = Uint8Array.from([...new Uint8Array(head.buffer), ...text, ...buffers.flat()]);
  const count = Math.ceil(whole.length / size);
  return Array.from({ length: count }, (_, index) => whole.slice(index * size, (index + 1) * size));
}

Deno.test("a message is whole with its last part, in whichever order they come, beside those of another", () => {
  const content = { type: "setup", name: "Kaffee ☕" };
  const buffers = [[1, 2, 3], [], [4]];
  const pieces = packed(content, buffers, 7);
  assert.ok(pieces.length > 5);
  const parts = new Parts();
  const order = pieces.map((_, index) => index).reverse();
  order.forEach((index, done) => {
    const view = new DataView(pieces[index].buffer);
    assert.equal(parts.take({ id: 9, index: 0, count: 2 }, view), null); // of another message
    const message = parts.take({ id: 1, index, count: pieces.length }, view);
    if (done < order.length - 1) assert.equal(message, null);
    else {
      assert.deepEqual(message?.[0], { content });
      const found = message?.[1].map((/** @type {DataView<ArrayBuffer>} */ view) => [
        ...new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
      ]);
      assert.deepEqual(found, buffers);
    }
  });
});
