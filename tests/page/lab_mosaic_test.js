import assert from "node:assert/strict";
import { cellAt } from "../../cartoonx_widgets/widgets/run_view/page/mosaic_cell.js";
import { entriesOf, unpackedBits } from "../../cartoonx_widgets/widgets/sparsity_lab/page/mosaic.js";
import { pixelTables } from "../../cartoonx_widgets/widgets/sparsity_lab/page/mosaic_colours.js";
import {
  aroundStrongest,
  boxAround,
  strokeEnds,
} from "../../cartoonx_widgets/widgets/sparsity_lab/page/mosaic_marks.js";
import { enlarged, within } from "../../cartoonx_widgets/widgets/sparsity_lab/page/pick_view.js";

const TILES = [
  { row: 0, column: 0, rows: 2, columns: 3, start: 0 },
  { row: 0, column: 4, rows: 2, columns: 3, start: 6 },
  { row: 3, column: 0, rows: 4, columns: 5, start: 12 },
];

Deno.test("every cell of every band is found at its place, and nothing between the bands", () => {
  let found = 0;
  for (let row = -1; row < 9; row++) {
    for (let column = -1; column < 9; column++) {
      const cell = cellAt(TILES, row, column);
      if (!cell) continue;
      found += 1;
      const { band, index, i } = cell;
      assert.equal(band, TILES[index]);
      assert.deepEqual([band.row + cell.row, band.column + cell.column], [row, column]);
      assert.equal(i, band.start + cell.row * band.columns + cell.column);
    }
  }
  assert.equal(found, 6 + 6 + 20);
  assert.equal(cellAt(TILES, 0, 3), null);
  assert.equal(cellAt([], 0, 0), null);
});

Deno.test("bits are read from the highest of each byte on", () => {
  assert.deepEqual([...unpackedBits(Uint8Array.of(0b10100001, 0b11000000), 10)], [1, 0, 1, 0, 0, 0, 0, 1, 1, 1]);
});

Deno.test("cells that are cut short are not kept", () => {
  assert.deepEqual([...unpackedBits(Uint8Array.of(0xff), 10)], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
});

Deno.test("a cell is named by its entries, the last one by those that there are", () => {
  assert.equal(entriesOf(3, 1, 10), "3");
  assert.equal(entriesOf(0, 4, 10), "0–3");
  assert.equal(entriesOf(2, 4, 10), "8–9");
});

Deno.test("the strongest cell is taken with those that follow each other to its four sides", () => {
  const strengths = new Uint8Array(32);
  const band = TILES[2];
  const picture = [
    [0, 0, 5, 0, 9],
    [1, 2, 99, 3, 0],
    [0, 0, 4, 0, 0],
    [0, 0, 0, 0, 7],
  ];
  strengths.set(picture.flat(), band.start);
  assert.deepEqual(aroundStrongest(band, strengths), { top: 0, bottom: 2, left: 0, right: 3 });
  assert.equal(aroundStrongest(TILES[0], strengths), null);
});

Deno.test("a band that is covered all over is taken whole", () => {
  assert.deepEqual(aroundStrongest(TILES[2], new Uint8Array(32).fill(8)), { top: 0, bottom: 3, left: 0, right: 4 });
});

Deno.test("a box holds its cells, is never smaller than what can be seen, and has them in its middle", () => {
  const cells = { top: 1, bottom: 2, left: 3, right: 3 };
  for (const least of [0, 4, 20]) {
    const { x, y, width, height } = boxAround(TILES[2], cells, least);
    assert.ok(width >= least && height >= least);
    assert.ok(x <= 3 && x + width >= 4 && y <= 4 && y + height >= 6);
    assert.deepEqual([x + width / 2, y + height / 2], [3.5, 5]);
  }
});

Deno.test("strokes lie along the edges that a band answers to, within its tile", () => {
  const band = TILES[2];
  for (const angle of [-90, -45, -20, 0, 30, 45, 90]) {
    const { x1, x2, y1, y2 } = strokeEnds(band, angle);
    const turn = (Math.atan2(y1 - y2, x2 - x1) * 180) / Math.PI;
    assert.ok(Math.abs(turn - angle) < 1e-9, `${turn} for ${angle}`);
    for (const x of [x1, x2]) assert.ok(x >= band.column && x <= band.column + band.columns);
    for (const y of [y1, y2]) assert.ok(y >= band.row && y <= band.row + band.rows);
  }
});

Deno.test("colours are opaque pixels; a dropped cell is a darker grey than a kept one is bright", () => {
  const { colour, grey, dim, covers, off } = pixelTables(["#000000", "#ff8000"]);
  const parts = (/** @type {number} */ pixel) => [...new Uint8Array(Uint32Array.of(pixel).buffer)];
  assert.deepEqual(parts(colour[0]), [0, 0, 0, 255]);
  assert.deepEqual(parts(colour[255]), [255, 128, 0, 255]);
  assert.deepEqual(parts(grey[77]), [77, 77, 77, 255]);
  assert.deepEqual(parts(covers[255]), [0x56, 0xb4, 0xe9, 255]);
  assert.equal(new Set(parts(off).slice(0, 3)).size, 1);
  assert.ok(parts(dim[255])[0] < parts(grey[255])[0]);
});

Deno.test("a place beyond the picture is the nearest one in it", () => {
  const picture = { width: 10, height: 5 };
  assert.deepEqual(within([2, 3], picture), [2, 3]);
  assert.deepEqual(within([-1, 10], picture), [0, 9]);
  assert.deepEqual(within([99, -99], picture), [4, 0]);
});

Deno.test("a small part is enlarged in the corner that is farthest from it", () => {
  const picture = { width: 100, height: 100 };
  for (const [row, column, corner] of [[10, 10, [60, 60]], [10, 90, [0, 60]], [90, 10, [60, 0]], [90, 90, [0, 0]]]) {
    const [r, c] = [Number(row), Number(column)];
    const squares = enlarged(picture, [r, c, r + 1, c + 1]);
    assert.ok(squares);
    assert.deepEqual([squares.to.x, squares.to.y, squares.to.side], [.../** @type {number[]} */ (corner), 40]);
    const { x, y, side } = squares.from;
    assert.ok(x <= c && x + side >= c + 2 && y <= r && y + side >= r + 2);
  }
});

Deno.test("what is large is not enlarged", () => {
  assert.equal(enlarged({ width: 100, height: 100 }, [0, 0, 50, 50]), null);
  assert.equal(enlarged({ width: 100, height: 100 }, [0, 0, 17, 17])?.from.side, 20);
  assert.equal(enlarged({ width: 100, height: 100 }, [0, 0, 18, 18]), null);
});
