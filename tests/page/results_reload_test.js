import assert from "node:assert/strict";
import { isDue } from "../../cartoonx_widgets/widgets/results/page/reload.js";

const idle = { now: 20_000, begun: 0, touched: -Infinity, hidden: false, still: false };

Deno.test("a page that nobody touches is read anew after ten seconds", () => {
  assert.equal(isDue(idle), true);
  assert.equal(isDue({ ...idle, begun: 10_000 }), true);
  assert.equal(isDue({ ...idle, begun: 10_001 }), false);
});

Deno.test("a page that somebody is busy with waits for three seconds of rest", () => {
  assert.equal(isDue({ ...idle, touched: 17_001 }), false);
  assert.equal(isDue({ ...idle, touched: 17_000 }), true);
});

Deno.test("a page that is hidden or stands still stays as it is", () => {
  assert.equal(isDue({ ...idle, hidden: true }), false);
  assert.equal(isDue({ ...idle, still: true }), false);
});
