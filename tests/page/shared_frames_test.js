import assert from "node:assert/strict";
import { framed, unframed } from "../../cartoonx_widgets/widgets/shared/page/frames.js";

Deno.test("what is framed is read again", async () => {
  const message = { method: "custom", content: { type: "setup", name: "Kaffee ☕" } };
  const buffers = [[1, 2, 3], [], [4]].map((bytes) => Uint8Array.from(bytes).buffer);
  const [found, views] = unframed(await framed(message, buffers).arrayBuffer());
  assert.deepEqual(found, message);
  const bytes = views.map(({ buffer, byteOffset, byteLength }) => [...new Uint8Array(buffer, byteOffset, byteLength)]);
  assert.deepEqual(bytes, [[1, 2, 3], [], [4]]);
});
