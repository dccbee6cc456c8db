import assert from "node:assert/strict";
import { isNew, placeCard, remember } from "../../cartoonx_widgets/widgets/shared/page/tour.js";

/** A browser's storage. */
function storage() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return {
    getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => void kept.set(name, value),
  };
}

Deno.test("a tour is new until it is remembered, each by itself", () => {
  const browser = storage();
  assert.ok(isNew("one", () => browser));
  assert.ok(isNew("one", () => browser)); // who has only been offered it is offered it again
  remember("one", () => browser);
  assert.ok(!isNew("one", () => browser));
  assert.ok(isNew("other", () => browser));
});

Deno.test("no tour is offered where the browser remembers nothing", () => {
  const refused = () => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  };
  const full = { ...storage(), setItem: refused };
  for (const browser of [refused, () => full, () => /** @type {any} */ (undefined)]) {
    assert.ok(!isNew("one", browser));
    remember("one", browser);
  }
});

Deno.test("a card lies within the widget, and beside what it points at where there is room", () => {
  const card = { width: 300, height: 150 };
  for (const box of [{ width: 484, height: 3000 }, { width: 1184, height: 800 }, { width: 310, height: 200 }]) {
    for (let left = 0; left < box.width; left += 90) {
      for (let top = 0; top < box.height; top += 70) {
        for (const height of [28, 300, box.height - top]) {
          const placed = placeCard({ left, top, height }, card, box);
          assert.ok(placed.left >= 0 && placed.left + card.width <= box.width);
          assert.ok(placed.top >= 0 && placed.top + card.height <= box.height);
          const isBeside = placed.top >= top + height || placed.top + card.height <= top;
          const hasRoom = top + height + card.height + 16 <= box.height || top >= card.height + 8;
          assert.ok(isBeside || !hasRoom, JSON.stringify({ box, left, top, height, placed }));
        }
      }
    }
  }
});
