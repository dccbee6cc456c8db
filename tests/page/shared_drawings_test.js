import assert from "node:assert/strict";
import { Drawings } from "../../cartoonx_widgets/widgets/shared/page/drawings.js";
import { takePlotly, useVersion } from "../../cartoonx_widgets/widgets/shared/page/plotly.js";

/** A plotly.js of a few bytes, as a kernel sends it. */
const packed = await new Response(
  new Blob(["{ react() {}, purge() {} }"]).stream().pipeThrough(new CompressionStream("gzip")),
).arrayBuffer();

/** Drawings of what `state.shown` is when they begin; each ends when it is told to, or fails. */
function plot() {
  const state = {
    shown: "",
    drawn: /** @type {string[]} */ ([]),
    ends: /** @type {PromiseWithResolvers<void>[]} */ ([]),
  };
  const drawings = new Drawings(() => {
    state.drawn.push(state.shown);
    state.ends.push(Promise.withResolvers());
    return state.ends[state.ends.length - 1].promise;
  });
  /** @param {string} shown */
  const ask = (shown) => {
    state.shown = shown;
    return drawings.ask();
  };
  return { state, drawings, ask };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("what was asked for before plotly.js came is drawn once, as it is then", async () => {
  useVersion("drawings, late");
  const { state, ask } = plot();
  const asked = ["a", "b", "c"].map(ask);
  await settled();
  assert.deepEqual(state.drawn, []);
  await takePlotly(packed);
  await settled();
  assert.deepEqual(state.drawn, ["c"]);
  state.ends[0].resolve();
  await Promise.all(asked);
});

Deno.test("one drawing follows the other, and those that wait are one, also where one fails", async () => {
  useVersion("drawings, one by one");
  await takePlotly(packed);
  const { state, ask } = plot();
  const first = ask("a");
  await settled();
  const others = ["b", "c"].map(ask);
  await settled();
  assert.deepEqual(state.drawn, ["a"]);
  state.ends[0].reject(new Error("not drawn"));
  await assert.rejects(first, /not drawn/);
  await settled();
  assert.deepEqual(state.drawn, ["a", "c"]);
  state.ends[1].resolve();
  await Promise.all(others);
});

Deno.test("the end waits for the drawing under way, and none begins after it", async () => {
  useVersion("drawings, ended");
  await takePlotly(packed);
  const { state, drawings, ask } = plot();
  const first = ask("a");
  await settled();
  const next = ask("b");
  let ended = false;
  drawings.end().then(() => (ended = true));
  await settled();
  assert.equal(ended, false);
  state.ends[0].resolve();
  await Promise.all([first, next]);
  await settled();
  assert.equal(ended, true);
  assert.deepEqual(state.drawn, ["a"]);
});
