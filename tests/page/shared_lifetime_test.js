import assert from "node:assert/strict";
import { atEnd, lifetime } from "../../cartoonx_widgets/widgets/shared/page/lifetime.js";
import { syncState } from "../../cartoonx_widgets/widgets/shared/page/state.js";
import { FakeModel } from "./fake_model.js";

Deno.test("a life ends with its signal, or by itself without it", () => {
  const outer = new AbortController();
  const [inner, other] = [lifetime(outer.signal), lifetime(outer.signal)];
  other.abort();
  assert.deepEqual([outer, inner, other].map(({ signal }) => signal.aborted), [false, false, true]);
  outer.abort();
  assert.ok(inner.signal.aborted);
  assert.ok(lifetime(outer.signal).signal.aborted);
  assert.ok(!lifetime().signal.aborted);
});

Deno.test("what is to be done at the end is done once, and at once where the end has come", () => {
  let ends = 0;
  const controller = new AbortController();
  atEnd(controller.signal, () => ends++);
  assert.equal(ends, 0);
  controller.abort();
  controller.abort();
  assert.equal(ends, 1);
  atEnd(controller.signal, () => ends++);
  assert.equal(ends, 2);
});

Deno.test("changes made elsewhere are taken, the page's own are not, and none after the end", () => {
  const model = new FakeModel({ step: 1, playing: false });
  /** @type {object[]} */
  const taken = [];
  const controller = new AbortController();
  const set = syncState(model, ["step", "playing"], (state) => taken.push(state), controller.signal);
  model.set("step", 2);
  set({ step: 3, playing: true });
  assert.deepEqual(model.traits, { step: 3, playing: true });
  model.set("playing", false);
  assert.deepEqual(taken, [{ step: 2 }, { playing: false }]);
  controller.abort();
  model.set("step", 4);
  assert.equal(taken.length, 2);
  assert.equal(model.count, 0);
});

Deno.test("nothing is sent where nothing has changed, nor what is no state", () => {
  const model = new FakeModel({ step: 1 });
  const controller = new AbortController();
  const set = syncState(model, ["step"], () => {}, controller.signal);
  set({ step: 1, other: 5 });
  assert.equal(model.saves, 0);
  set({ step: 2 });
  assert.equal(model.saves, 1);
  assert.deepEqual(model.traits, { step: 2 });
});
