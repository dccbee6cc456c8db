import assert from "node:assert/strict";
import { bytes, dataUrl, gunzipped, inflated, numbers } from "../../cartoonx_widgets/widgets/shared/page/bytes.js";
import { colourTable } from "../../cartoonx_widgets/widgets/shared/page/colours.js";
import {
  brief,
  escaped,
  grouped,
  percent,
  seconds,
  shortened,
} from "../../cartoonx_widgets/widgets/shared/page/format.js";
import { phrase, translator } from "../../cartoonx_widgets/widgets/shared/page/texts.js";
import { sendFile } from "../../cartoonx_widgets/widgets/shared/page/upload.js";

/** Bytes of every value, more of them than one call of String.fromCharCode takes. */
const MANY = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 256);

/**
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {CompressionFormat} format
 */
const packed = async (data, format) =>
  await new Response(new Blob([data]).stream().pipeThrough(new CompressionStream(format))).arrayBuffer();

Deno.test("a share is written in percent, with a decimal below 10", () => {
  assert.deepEqual([0, 0.001, 0.0994, 0.0995, 0.5, 1].map(percent), ["0 %", "0.1 %", "9.9 %", "10 %", "50 %", "100 %"]);
});

Deno.test("a long time is written in minutes, a short one in whole seconds that are not too few", () => {
  assert.deepEqual([0, 0.2, 89, 90, 150].map(seconds), ["0 s", "1 s", "89 s", "2 min", "3 min"]);
});

Deno.test("figures stand in groups of three", () => {
  assert.deepEqual([7, 999, 1000, 65536, 1234567].map(grouped), [
    "7",
    "999",
    "1\u202f000",
    "65\u202f536",
    "1\u202f234\u202f567",
  ]);
});

Deno.test("a number is written in two or three figures", () => {
  assert.deepEqual([0, 1, -0.5, 0.01234, -0.000567].map(brief), ["0.00", "1.00", "-0.50", "0.012", "-0.00057"]);
});

Deno.test("no label is longer than 22 characters, and short ones stay", () => {
  assert.equal(shortened("a".repeat(22)), "a".repeat(22));
  assert.equal(shortened("a".repeat(23)), `${"a".repeat(21)}…`);
});

Deno.test("a text has no HTML left for Plotly to read", () => {
  assert.equal(escaped("<b>R&amp;D</b>"), "&lt;b&gt;R&amp;amp;D&lt;/b&gt;");
});

Deno.test("base64 gives back the bytes of a data URL, also those of a part of a buffer", () => {
  const url = dataUrl(new DataView(MANY.buffer, 3, MANY.length - 5), "image/png");
  const [head, text] = url.split(",");
  assert.equal(head, "data:image/png;base64");
  assert.deepEqual(bytes(text), MANY.slice(3, -2));
  assert.deepEqual(bytes(""), new Uint8Array(0));
});

Deno.test("numbers are read where no number may start, and are a copy", () => {
  const expected = Float32Array.of(1.5, -2, Infinity);
  for (const offset of [0, 1, 2, 3, 5]) {
    const around = new Uint8Array(offset + expected.byteLength + 2);
    around.set(new Uint8Array(expected.buffer), offset);
    const read = numbers(new DataView(around.buffer, offset, expected.byteLength), Float32Array);
    around.fill(0);
    assert.deepEqual(read, expected);
  }
});

Deno.test("a buffer that is cut short within a number is refused", () => {
  assert.throws(() => numbers(new DataView(new ArrayBuffer(7)), Float32Array), RangeError);
});

Deno.test("what zlib and gzip packed comes back", async () => {
  assert.deepEqual(await inflated(await packed(MANY, "deflate")), MANY);
  const text = "Größe → 3 ".repeat(1000);
  const unpacked = await gunzipped(await packed(new TextEncoder().encode(text), "gzip"));
  assert.equal(await unpacked.text(), text);
});

Deno.test("what neither zlib nor gzip packed is refused", async () => {
  await assert.rejects(inflated(MANY));
  await assert.rejects(gunzipped(MANY));
});

Deno.test("what gzip packed is refused where its end is missing", async () => {
  const whole = await packed(MANY, "gzip");
  await assert.rejects(gunzipped(whole.slice(0, whole.byteLength / 2)));
  await assert.rejects(gunzipped(whole.slice(0, -3)));
});

Deno.test("a colour map has its anchors at its ends and in its middle, and goes straight between them", () => {
  const table = colourTable(["#000000", "#ff8000"]);
  assert.equal(table.length, 768);
  assert.deepEqual([...table.subarray(0, 3)], [0, 0, 0]);
  assert.deepEqual([...table.subarray(765)], [255, 128, 0]);
  for (let i = 0; i < 256; i++) assert.equal(table[3 * i], i);
  const three = colourTable(["#ff0000", "#00ff00", "#0000ff"]);
  assert.deepEqual([...three.subarray(0, 3)], [255, 0, 0]);
  assert.deepEqual([...three.subarray(765)], [0, 0, 255]);
  assert.ok(three[3 * 127 + 1] >= 254 && three[3 * 128 + 1] >= 254);
});

Deno.test("a text is said in the reader's language, in English where it has no translation", () => {
  const t = translator({ "step {step}": "Schritt {step}" });
  assert.equal(t("step {step}", { step: 3 }), "Schritt 3");
  assert.equal(t("stop at {step}", { step: 3 }), "stop at 3");
  assert.equal(phrase("loss"), "loss");
});

Deno.test("what has no value stays as it is, and a value is not read for names", () => {
  const t = translator({});
  assert.equal(t("{known} {unknown}", { known: "{unknown}" }), "{unknown} {unknown}");
  assert.equal(t("{count}", { count: 0 }), "0");
});

Deno.test("the parts of a file are numbered and give the file together; an empty one is one part", async () => {
  for (const [length, parts] of [[0, 1], [5, 1], [3_000_000, 1], [3_000_001, 2]]) {
    /** @type {any[]} */
    const sent = [];
    await sendFile(
      new File([new Uint8Array(length)], "a.png"),
      (message, buffers) => sent.push([message, buffers?.[0]]),
    );
    const [[{ key }]] = sent;
    assert.ok(Number.isInteger(key));
    assert.deepEqual(
      sent.map(([message]) => message),
      Array.from({ length: parts }, (_, index) => ({ type: "upload", name: "a.png", key, index, count: parts })),
    );
    assert.equal(sent.reduce((sum, [, part]) => sum + part.byteLength, 0), length);
  }
});
