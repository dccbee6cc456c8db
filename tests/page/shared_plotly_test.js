import assert from "node:assert/strict";
import {
  needPlotly,
  plotly,
  plotlyNow,
  takePlotly,
  useVersion,
} from "../../cartoonx_widgets/widgets/shared/page/plotly.js";

const packed = await new Response(
  new Blob([`{ react: () => "drawn", purge() {}, filling: "${crypto.randomUUID().repeat(50)}" }`]).stream()
    .pipeThrough(new CompressionStream("gzip")),
).arrayBuffer();
const cutShort = packed.slice(0, packed.byteLength - 12);

/**
 * Run a test with a version of its own and a clock that it may set.
 * @param {string} version
 * @param {(page: { ask: () => void, asked: () => number, clock: { now: number }, signal: AbortSignal }) => Promise<void>} test
 */
async function withPage(version, test) {
  const controller = new AbortController();
  const clock = { now: 0 };
  const real = performance.now;
  let asked = 0;
  performance.now = () => clock.now;
  useVersion(version);
  try {
    await test({ ask: () => asked++, asked: () => asked, clock, signal: controller.signal });
  } finally {
    performance.now = real;
    controller.abort();
  }
}

Deno.test("the library is asked for once by all widgets of a page, and shared by them", () =>
  withPage("once", async ({ ask, asked, signal }) => {
    assert.equal(plotlyNow(), null);
    for (let widget = 0; widget < 3; widget++) needPlotly(ask, signal);
    assert.equal(asked(), 1);
    const promised = plotly();
    await takePlotly(packed);
    const library = plotlyNow();
    assert.ok(library && "react" in library);
    assert.equal(await promised, library);
    needPlotly(ask, signal);
    assert.equal(asked(), 1);
    await takePlotly(packed); // a second answer
    assert.equal(plotlyNow(), library);
  }));

Deno.test("it is asked for again where nothing has come for long", () =>
  withPage("again", async ({ ask, asked, clock, signal }) => {
    needPlotly(ask, signal);
    clock.now = 5_000;
    needPlotly(ask, signal);
    assert.equal(asked(), 1);
    clock.now = 60_000;
    needPlotly(ask, signal);
    assert.equal(asked(), 2);
    await Promise.resolve();
  }));

Deno.test("data that is cut short is refused; it is asked for again, and the next that is whole is taken", () =>
  withPage("cut short", async ({ ask, asked, clock, signal }) => {
    needPlotly(ask, signal);
    await assert.rejects(takePlotly(cutShort));
    assert.equal(plotlyNow(), null);
    clock.now = 60_000;
    needPlotly(ask, signal);
    assert.equal(asked(), 2);
    await takePlotly(packed);
    assert.ok(plotlyNow());
  }));

Deno.test("another version is another library", () =>
  withPage("other", async () => {
    await takePlotly(packed);
    useVersion("yet another");
    assert.equal(plotlyNow(), null);
    useVersion("other");
    assert.ok(plotlyNow());
  }));

Deno.test("where the view that asked has ended, another asks at once", () =>
  withPage("asker gone", async ({ ask, asked, signal }) => {
    const first = new AbortController();
    needPlotly(ask, first.signal);
    needPlotly(ask, signal);
    assert.equal(asked(), 1);
    first.abort();
    needPlotly(ask, signal);
    assert.equal(asked(), 2);
    await Promise.resolve();
  }));
