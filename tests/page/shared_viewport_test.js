import assert from "node:assert/strict";
import { Viewport } from "../../cartoonx_widgets/widgets/shared/page/viewport.js";

/** A function that gives numbers in (0, 1), the same each time. */
function random() {
  let seed = 1;
  return () => (seed = (48271 * seed) % 2147483647) / 2147483647;
}

/** @param {Viewport} viewport */
function assertWithin({ scale, x, y }) {
  assert.ok(scale >= 1 && scale <= 32, `scale ${scale}`);
  for (const place of [x, y]) assert.ok(place >= 0 && place + 1 / scale <= 1 + 1e-12, `${place} at scale ${scale}`);
}

Deno.test("however it is zoomed and moved, nothing beyond the picture is seen", () => {
  const next = random();
  const viewport = new Viewport();
  for (let i = 0; i < 2000; i++) {
    if (next() < 0.5) viewport.zoom(0.25 + 2 * next(), [next(), next()]);
    else viewport.pan(4 * next() - 2, 4 * next() - 2);
    assertWithin(viewport);
  }
});

Deno.test("what is under the pointer stays there while it is enlarged", () => {
  const next = random();
  for (let i = 0; i < 200; i++) {
    const viewport = new Viewport();
    viewport.set(1 + 10 * next(), next(), next());
    /** @type {[number, number]} */
    const at = [next(), next()];
    const before = viewport.toPicture(at);
    viewport.zoom(1 + 5 * next(), at);
    viewport.toPicture(at).forEach((place, axis) => assert.ok(Math.abs(place - before[axis]) < 1e-9));
  }
});

Deno.test("places of the picture and of the stage are each other's", () => {
  const viewport = new Viewport();
  viewport.set(4, 0.25, 0.5);
  assert.deepEqual(viewport.toStage([0.25, 0.5]), [0, 0]);
  assert.deepEqual(viewport.toPicture([1, 1]), [0.5, 0.75]);
  const [across, down] = viewport.toStage(viewport.toPicture([0.3, 0.9]));
  assert.ok(Math.abs(across - 0.3) < 1e-9 && Math.abs(down - 0.9) < 1e-9);
});

Deno.test("zooming in and out by as much around the middle comes back", () => {
  const viewport = new Viewport();
  viewport.set(4, 0.3, 0.4);
  viewport.zoom(1.25);
  viewport.zoom(1 / 1.25);
  assert.ok(Math.abs(viewport.scale - 4) < 1e-9);
  assert.ok(Math.abs(viewport.x - 0.3) < 1e-9 && Math.abs(viewport.y - 0.4) < 1e-9);
});

Deno.test("moving by what is seen moves to what lies beside it", () => {
  const viewport = new Viewport();
  viewport.set(4, 0.25, 0.5);
  viewport.pan(1, -1);
  assert.deepEqual([viewport.x, viewport.y], [0.5, 0.25]);
});

Deno.test("followers are told of changes, and only of these", () => {
  const viewport = new Viewport();
  /** @type {number[]} */
  const told = [];
  viewport.follow(({ scale }) => told.push(scale));
  assert.equal(viewport.zoom(0.5), false); // all is seen already
  assert.equal(viewport.pan(1, 1), false);
  assert.equal(viewport.zoom(2), true);
  assert.equal(viewport.set(2, viewport.x, viewport.y), false);
  assert.equal(viewport.reset(), true);
  assert.deepEqual(told, [2, 1]);
});

Deno.test("a place is brought into sight by moving no further than that takes", () => {
  const viewport = new Viewport();
  viewport.set(4, 0.25, 0.5);
  assert.equal(viewport.reveal(0.3, 0.6), false);
  viewport.reveal(0.9, 0.1);
  assert.ok(Math.abs(viewport.x - 0.65) < 1e-9);
  assert.equal(viewport.y, 0.1);
  viewport.reveal(0, 1);
  assert.deepEqual([viewport.x, viewport.y, viewport.scale], [0, 0.75, 4]);
});
