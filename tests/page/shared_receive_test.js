import assert from "node:assert/strict";
import { receive } from "../../cartoonx_widgets/widgets/shared/page/receive.js";
import { translator } from "../../cartoonx_widgets/widgets/shared/page/texts.js";
import { FakeModel } from "./fake_model.js";

/** All that waits for nothing but its turn has had it. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

/**
 * A view of a model that is opened by "scene"; it ends with the test.
 * @param {object} view what is not as always
 * @param {(open: { model: FakeModel, taken: any[], failures: string[], controller: AbortController, gate: PromiseWithResolvers<void> }) => Promise<void>} test
 */
async function withView(view, test) {
  const model = new FakeModel();
  /** @type {any[]} */
  const taken = [];
  /** @type {string[]} */
  const failures = [];
  const controller = new AbortController();
  /** @type {PromiseWithResolvers<void>} */
  const gate = Promise.withResolvers();
  const problem = {
    showFailure: (/** @type {Error} */ { message }) => failures.push(message),
    hideSilence() {},
    showSilence() {},
  };
  const note = (/** @type {any} */ content) => taken.push(content.id ?? content.type);
  const handlers = {
    scene: note,
    frame: note,
    error: note,
    slow: async (/** @type {any} */ content) => {
      await gate.promise;
      note(content);
    },
    broken() {
      throw new Error("broken");
    },
  };
  receive(model, handlers, {
    t: translator({}),
    problem: /** @type {any} */ (problem),
    signal: controller.signal,
    opening: "scene",
    charts: false,
    ...view,
  });
  try {
    await test({ model, taken, failures, controller, gate });
  } finally {
    gate.resolve();
    controller.abort();
  }
}

Deno.test("a view says that it is ready, and asks for no library that it does not need", () =>
  withView({}, async ({ model }) => {
    await settled();
    assert.deepEqual(model.sent, [{ type: "ready" }]);
  }));

Deno.test("messages are taken in order, each after the one before has been worked off", () =>
  withView({}, async ({ model, taken, gate }) => {
    model.receive({ type: "scene" });
    model.receive({ type: "slow" });
    model.receive({ type: "frame", id: 1 });
    model.receive({ type: "frame", id: 2 });
    await settled();
    assert.deepEqual(taken, ["scene"]);
    gate.resolve();
    await settled();
    assert.deepEqual(taken, ["scene", "slow", 1, 2]);
  }));

Deno.test("a handler that fails is shown, and the next message is taken", () =>
  withView({}, async ({ model, taken, failures }) => {
    for (const type of ["scene", "broken", "frame"]) model.receive({ type });
    await settled();
    assert.deepEqual(taken, ["scene", "frame"]);
    assert.deepEqual(failures, ["broken"]);
  }));

Deno.test("before the opening message only errors are taken; it opens once", () => {
  let openings = 0;
  return withView({ opened: () => openings++ }, async ({ model, taken, failures }) => {
    for (const type of ["frame", "error", "scene", "frame", "scene"]) model.receive({ type });
    await settled();
    assert.deepEqual(taken, ["error", "scene", "frame", "scene"]);
    assert.deepEqual(failures, []);
    assert.equal(openings, 1);
  });
});

Deno.test("a message of an unknown type is told in a sentence, also one named as what every object has", () =>
  withView({}, async ({ model, taken, failures }) => {
    for (const type of ["scene", "later", "toString", "frame"]) model.receive({ type });
    await settled();
    assert.deepEqual(taken, ["scene", "frame"]);
    assert.equal(failures.length, 2);
    assert.match(failures[0], /another version .*unknown message later.* run the cell again/);
  }));

Deno.test("a newer message takes the place of one that waits and is of no use any more", () => {
  const replaces = (/** @type {any} */ newer, /** @type {any} */ older) =>
    newer.type === "frame" && older.type === "frame";
  return withView({ replaces }, async ({ model, taken, gate }) => {
    for (const type of ["scene", "slow"]) model.receive({ type });
    model.receive({ type: "frame", id: 1 });
    model.receive({ type: "error" });
    model.receive({ type: "frame", id: 2 });
    gate.resolve();
    await settled();
    assert.deepEqual(taken, ["scene", "slow", 2, "error"]);
  });
});

Deno.test("nothing is taken after the end, neither what waits nor what comes", () =>
  withView({}, async ({ model, taken, failures, controller, gate }) => {
    for (const type of ["scene", "slow", "frame"]) model.receive({ type });
    await settled();
    controller.abort();
    gate.resolve();
    model.receive({ type: "frame" });
    await settled();
    assert.deepEqual(taken, ["scene", "slow"]); // which was under way
    assert.deepEqual(failures, []);
    assert.equal(model.count, 0);
  }));

Deno.test("the library comes past the queue; one that is no library is told, and the next message is taken", () =>
  withView({}, async ({ model, taken, failures, gate }) => {
    for (const type of ["scene", "slow"]) model.receive({ type });
    model.receive({ type: "library" }, [new DataView(new ArrayBuffer(40))]);
    while (!failures.length) await settled();
    assert.deepEqual(failures, ["plotly.js did not arrive whole; it is asked for again"]);
    assert.deepEqual(taken, ["scene"]);
    gate.resolve();
    await settled();
    assert.deepEqual(taken, ["scene", "slow"]);
    assert.equal(failures.length, 1); // it does not wait in the queue as well
  }));
