import assert from "node:assert/strict";
import {
  bandName,
  hueOf,
  HUES,
  inWords,
  isAngled,
  meanLevel,
} from "../../cartoonx_widgets/widgets/run_view/page/bands.js";
import { roundSteps } from "../../cartoonx_widgets/widgets/run_view/page/curves.js";
import { fromTo } from "../../cartoonx_widgets/widgets/run_view/page/stopping.js";
import { inTwoLines } from "../../cartoonx_widgets/widgets/run_view/page/probabilities.js";
import { cellAt } from "../../cartoonx_widgets/widgets/run_view/page/mosaic_cell.js";
import { cellPixels, magnitudes, placeOf } from "../../cartoonx_widgets/widgets/run_view/page/mosaic_cells.js";
import { factorOf } from "../../cartoonx_widgets/widgets/run_view/page/brighten.js";
import { hasRoom, strokes } from "../../cartoonx_widgets/widgets/run_view/page/mosaic_geometry.js";
import { axisTop, scaleGroups } from "../../cartoonx_widgets/widgets/run_view/page/shares.js";
import { inWords as scaleInWords, period } from "../../cartoonx_widgets/widgets/run_view/page/profile.js";
import { outcome } from "../../cartoonx_widgets/widgets/run_view/page/outcome.js";
import { translator } from "../../cartoonx_widgets/widgets/shared/page/texts.js";

/** @import { Kind } from "../../cartoonx_widgets/widgets/run_view/page/mosaic_cells.js" */

const t = translator({});
const TILES = [
  { row: 0, column: 0, rows: 2, columns: 3, start: 0 },
  { row: 0, column: 4, rows: 2, columns: 2, start: 6 },
];

Deno.test("each cell of a mosaic is found at its place, and none between the bands", () => {
  const found = [];
  for (let row = -1; row < 4; row++) {
    for (let column = -1; column < 8; column++) {
      const cell = cellAt(TILES, row, column);
      if (!cell) continue;
      assert.equal(cell.band, TILES[cell.index]);
      assert.deepEqual([cell.row + cell.band.row, cell.column + cell.band.column], [row, column]);
      found.push(cell.i);
    }
  }
  assert.deepEqual(found.sort((a, b) => a - b), Array.from({ length: 10 }, (_, i) => i));
  assert.equal(cellAt(TILES, 1, 3), null);
});

Deno.test("a stroke lies in its tile, at its angle, and bands without one have none", () => {
  const band = { row: 10, column: 20, rows: 30, columns: 30 };
  for (const angle of [-45, 0, 45, 90]) {
    const found = strokes([{ ...band, angle }, { ...band, angle: null }], { shape: [100, 100] });
    assert.equal(found.length, 1);
    const [{ ends: { x1, x2, y1, y2 } }] = found;
    assert.ok([x1, x2].every((x) => x > 20 && x < 50));
    assert.ok([y1, y2].every((y) => y > 10 && y < 40));
    const turn = (angle / 180) * Math.PI;
    const length = Math.hypot(x2 - x1, y2 - y1);
    assert.ok(Math.abs(x2 - x1 - length * Math.cos(turn)) < 1e-9);
    assert.ok(Math.abs(y1 - y2 - length * Math.sin(turn)) < 1e-9); // y points down
  }
});

Deno.test("the mean of a band is that of its own cells", () => {
  const levels = Uint8Array.of(255, 255, 0, 255, 0, 51);
  assert.equal(meanLevel(levels, { start: 0, rows: 1, columns: 2 }), 1);
  assert.equal(meanLevel(levels, { start: 2, rows: 2, columns: 1 }), 0.5);
  assert.equal(meanLevel(levels, { start: 4, rows: 1, columns: 2 }), 0.1);
});

Deno.test("opposite directions have one colour, and what has none is grey", () => {
  for (const angle of [-90, -45, -10]) assert.equal(hueOf(angle), hueOf(angle + 180));
  assert.equal(hueOf(0), "rgb(0, 114, 178)"); // that of horizontal
  assert.equal(hueOf(null), HUES.lowpass);
  assert.equal(new Set([-45, 0, 45, 90].map(hueOf)).size, 4);
});

Deno.test("bands are named by words in the reader's language, by signs in all", () => {
  const german = translator({ lowpass: "Tiefpass", diagonal: "schräg" });
  assert.deepEqual(["lowpass", "d1"].map((name) => bandName(german, { name })), ["Tiefpass", "d1"]);
  assert.equal(inWords(german, { name: "d1", scale: 1, orientation: "diagonal" }), "d1: scale 1, schräg");
  assert.equal(inWords(t, { name: "2 +45°", scale: 2, orientation: "+45°" }), "2 +45°: scale 2, edges at +45°");
  assert.equal(inWords(t, { name: "pixels", scale: 0, orientation: "pixels" }), "pixel");
  assert.deepEqual(["+45°", "diagonal"].map((orientation) => isAngled({ orientation })), [true, false]);
});

Deno.test("ticks begin at 0, end at the last step, rise, and are few", () => {
  for (const steps of [1, 2, 7, 30, 99, 100, 101, 600, 2000, 2999, 12345, 100_000]) {
    const ticks = roundSteps(steps);
    assert.equal(ticks[0], 0);
    assert.equal(ticks.at(-1), steps);
    assert.ok(ticks.every((tick, i) => i === 0 || tick > ticks[i - 1]), `${steps}: ${ticks}`);
    assert.ok(ticks.length <= 22, `${steps}: ${ticks.length} ticks`);
  }
  assert.deepEqual(roundSteps(300), [0, 50, 100, 150, 200, 250, 300]);
});

Deno.test("the sentence says what became of the label, and who is first where one is", () => {
  const figures = { label: "cat", before: "0.90", after: "0.85", share: "5 %", first: "dog", probability: "0.60" };
  const say = (/** @type {object} */ other) =>
    outcome(
      t,
      /** @type {import("../../cartoonx_widgets/widgets/run_view/page/messages.d.ts").Summary} */ ({
        ...figures,
        ...other,
      }),
    );
  assert.equal(say({ kept: true }), "cat is kept: 0.90 → 0.85 with 5 % of the coefficients");
  assert.equal(
    say({ kept: false }),
    "cat is not kept: 0.90 → 0.85 with 5 % of the coefficients; the cartoon is dog (0.60)",
  );
  assert.equal(say({ kept: false, first: null }), "cat is not kept: 0.90 → 0.85 with 5 % of the coefficients");
  const kept = "cat is kept: 0.90 → 0.85 with 5 % of the coefficients; without them: ";
  const rest = { after: "0.30", first: "dog", probability: "0.60" };
  assert.equal(say({ kept: true, rest: { ...rest, needed: false } }), `${kept}still cat, 0.30`);
  assert.equal(say({ kept: true, rest: { ...rest, needed: true } }), `${kept}dog, 0.60 (cat 0.30)`);
  assert.equal(say({ kept: true, rest: { ...rest, needed: true, first: null } }), `${kept}cat 0.30`);
});

Deno.test("a scale is named by its number and by its pixels per period", () => {
  /** @type {[string, [number, number | null], string, string][]} */
  const scales = [
    ["lowpass", [64, null], "≥ 64", "lowpass, ≥ 64 pixels per period"],
    ["5", [32, 64], "32–64", "scale 5, 32–64 pixels per period"],
    ["pixels", [2, null], "≥ 2", "pixels"],
  ];
  for (const [name, between, short, long] of scales) {
    assert.equal(period({ period: between }), short);
    assert.equal(scaleInWords(t, { name, period: between }), long);
  }
});

Deno.test("a name stands only in a tile that is wider than it, and no small part of what is seen", () => {
  assert.ok(hasRoom({ name: "d1", columns: 50 }, 100, 4));
  assert.ok(!hasRoom({ name: "d1", columns: 50 }, 100, 0.2)); // 10 pixels
  assert.ok(!hasRoom({ name: "a long name of a band", columns: 25 }, 100, 4));
  assert.ok(!hasRoom({ name: "d5", columns: 10 }, 100, 100));
});

Deno.test("no bar is higher than the axis, which ends on a round value not far above", () => {
  for (let share = 0.001; share <= 1; share *= 1.3) {
    const top = axisTop([0, share]);
    assert.ok(top >= share && top <= 2.5 * share + 1e-12, `${share}: ${top}`);
  }
  assert.deepEqual([[], [0], [0.0001], [0.05], [1]].map(axisTop), [1, 1, 0.001, 0.05, 1]);
});

Deno.test("bars of a scale stand side by side, and apart from those of the next", () => {
  const bands = [{ angle: null, scale: 2 }, { angle: 0, scale: 2 }, { angle: 90, scale: 2 }, { angle: 0, scale: 1 }];
  const { x, groups } = scaleGroups(bands, "low");
  assert.deepEqual(groups.map(({ name }) => name), ["low", "2", "1"]);
  assert.deepEqual(groups.flatMap(({ positions }) => positions), x);
  assert.deepEqual(x.slice(1).map((place, i) => place - x[i]), [2.5, 1, 2.5]);
});

Deno.test("a coefficient is as bright as its band's largest allows, over all colours", () => {
  const bands = [{ start: 0, rows: 1, columns: 2 }, { start: 2, rows: 1, columns: 2 }];
  const colours = Float32Array.of(3, 0, 0.01, 0, /* the second colour */ 4, 0.3125 ** 0.5, 0, 0);
  assert.deepEqual([...magnitudes(colours, bands)], [255, Math.round(255 * (0.3125 / 25) ** 0.25), 255, 0]);
  assert.deepEqual([...magnitudes(new Float32Array(8), bands)], [0, 0, 0, 0]);
});

Deno.test("a cell shows the mask, the coefficient in colour or in grey, or their product", () => {
  const table = Uint8Array.from({ length: 768 }, (_, i) => (i % 3 === 0 ? Math.floor(i / 3) : 0)); // shades of red
  /** @param {Kind} kind @param {number} level of the mask @param {number} bright @returns {number[]} */
  const colour = (kind, level, bright) => {
    const pixels = cellPixels(kind, table, Uint8Array.of(level), Uint8Array.of(bright));
    return [...new Uint8Array(pixels.buffer)];
  };
  assert.deepEqual(colour("mask", 200, 9), [200, 0, 0, 255]);
  assert.deepEqual(colour("coefficients", 255, 100), [100, 0, 0, 255]); // kept: in colour
  const [red, green, blue] = colour("coefficients", 0, 100); // not kept: in grey
  assert.ok(red === green && green === blue && red > 0 && red < 100);
  assert.deepEqual(colour("kept", 0, 100), [0, 0, 0, 255]);
  assert.deepEqual(colour("kept", 255, 100), [100, 0, 0, 255]);
  assert.deepEqual(colour("kept", 128, 255), [128, 0, 0, 255]);
});

Deno.test("the cells of a band lie side by side in the photograph and cover it", () => {
  for (const [rows, columns, factor] of [[8, 8, 1], [7, 10, 3]]) {
    const band = { entries: /** @type {[number, number]} */ ([rows, columns]) };
    const across = Math.ceil(columns / factor);
    const places = Array.from({ length: across }, (_, column) => placeOf(band, factor, 0, column));
    assert.equal(places[0].left, 0);
    places.slice(1).forEach(({ left }, i) => assert.ok(Math.abs(left - places[i].left - places[i].width) < 1e-12));
    const last = places[across - 1];
    assert.ok(Math.abs(last.left + last.width - 1) < 1e-12);
  }
});

Deno.test("a picture is brightened until its brightest pixels are white, and never darkened", () => {
  const grey = (/** @type {number} */ level) => Array(1000).fill([level, level, level, 255]).flat();
  assert.equal(factorOf(grey(51)), 5);
  assert.equal(factorOf(grey(255)), 1);
  assert.equal(factorOf(grey(0)), 20);
  assert.equal(factorOf([...grey(51), 255, 255, 255, 255]), 5); // one bright pixel does not count
});

Deno.test("a long label stands in two lines, broken where they are most alike", () => {
  assert.deepEqual(inTwoLines("espresso"), ["espresso"]);
  assert.deepEqual(inTwoLines("▸ tiger cat and not lynx"), ["▸ tiger cat", "and not lynx"]);
  assert.deepEqual(inTwoLines("▸ antidisestablishmentarianism"), ["▸ antidisestablishmentarianism"]);
});

Deno.test("a score over the steps is told by its first and its last known value", () => {
  assert.equal(fromTo([null, 0.05, 0.2, 0.9, null]), "0.05 → 0.90");
  assert.equal(fromTo([2]), "2.00 → 2.00");
  assert.equal(fromTo([null]), "–");
  assert.equal(fromTo([]), "–");
});
