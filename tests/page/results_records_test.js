import assert from "node:assert/strict";
import { Records } from "../../cartoonx_widgets/widgets/results/page/records.js";
import { base64, content } from "./results_content.js";

Deno.test("columns point into the texts", () => {
  const records = new Records(content());
  const told = [0, 1, 2, 3].map((i) => [records.photograph(i), records.method(i), records.seed(i), records.label(i)]);
  assert.deepEqual(told, [
    ["astronaut", "ShearletX", "0", "suit"],
    ["astronaut", "CartoonX", "0", "suit"],
    ["coffee", "CartoonX", "0", "espresso"],
    ["coffee", "ShearletX", "0", "espresso"],
  ]);
  assert.equal(records.cartoonLabel(2), "cup");
  assert.deepEqual([0, 1, 2, 3].map((i) => records.kept(i)), [true, true, false, false]);
  assert.deepEqual([0, 1, 2, 3].map((i) => records.failed(i)), [false, false, false, true]);
});

Deno.test("numbers come as they were written, NaN included", () => {
  assert.deepEqual([...new Records(content()).of("hallucination")], [0.5, NaN, 0.25, NaN]);
});

Deno.test("records of a method leave out those that failed", () => {
  const records = new Records(content());
  assert.deepEqual([0, 1].map((method) => records.ofMethod(method)), [[1, 2], [0]]);
});

Deno.test("records of a photograph stand by method, then by seed", () => {
  const columns = {
    ...content().columns,
    photograph: base64(Uint32Array.of(0, 0, 0, 0)),
    seed: base64(Uint32Array.of(1, 1, 0, 0)),
  };
  assert.deepEqual(new Records(content({ columns })).ofPhotograph(0), [2, 1, 3, 0]);
  assert.deepEqual(new Records(content({ columns })).ofPhotograph(1), []);
});

Deno.test("the best come first by each score's own measure, of equal ones the first; NaN and failures are left out", () => {
  const records = new Records(content());
  assert.deepEqual(records.ranked("cp_l1", null, 9), [1, 0, 2]);
  assert.deepEqual(records.ranked("cp_l1", null, 9, { worst: true }), [0, 2, 1]);
  assert.deepEqual(records.ranked("hallucination", null, 9), [2, 0]);
  assert.deepEqual(records.ranked("hallucination", null, 9, { worst: true }), [0, 2]);
  assert.deepEqual(records.ranked("cp_l1", null, 1), [1]);
  assert.deepEqual(records.ranked("cp_l1", 0, 9), [1, 2]);
});

Deno.test("pictures are data URLs where the page has them, those that come later included", () => {
  const records = new Records(content());
  assert.equal(records.photographPicture(0), "data:image/jpeg;base64,AAAA");
  assert.equal(records.cartoonPicture(0), null);
  records.add({ photographs: { 1: "CCCC" }, cartoons: { 0: "DDDD" } });
  assert.equal(records.photographPicture(1), "data:image/jpeg;base64,CCCC");
  assert.equal(records.cartoonPicture(0), "data:image/jpeg;base64,DDDD");
  assert.equal(records.cartoonPicture(1), "data:image/jpeg;base64,BBBB");
});

Deno.test("a study without records is empty, not an error", () => {
  const columns = { photograph: "", method: "", seed: "", label: "", cartoon_label: "", state: "" };
  const records = new Records(content({ count: 0, columns, numbers: { cp_l1: "" } }));
  assert.deepEqual(records.all, []);
  assert.deepEqual(records.ranked("cp_l1", null, 9), []);
});

Deno.test("columns that are cut short, damaged or not there are refused by name", () => {
  const { columns } = content();
  const of = (/** @type {Partial<typeof columns>} */ changes) => () =>
    new Records(content({ columns: { ...columns, ...changes } }));
  assert.throws(of({ label: columns.label.slice(0, -4) }), /damaged: column label has 15 bytes, not 16/);
  assert.throws(of({ state: "*" }), /damaged: column state is not base64/);
  assert.throws(of({ seed: undefined }), /damaged: there is no column seed/);
  assert.throws(() => new Records(content({ numbers: {} })).of("cp_l1"), /damaged: there is no column cp_l1/);
});
