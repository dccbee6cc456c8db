import assert from "node:assert/strict";
import { offered } from "../../cartoonx_widgets/widgets/explorer/page/combobox.js";
import { methodName, wordsFor } from "../../cartoonx_widgets/widgets/explorer/page/method_names.js";
import { translator } from "../../cartoonx_widgets/widgets/shared/page/texts.js";

const LABELS = ["tiger cat", "catamaran", "cat", "dog", "Catfish", "bobcat"];
const TOP = [{ index: 3, label: "dog", probability: 0.75 }, { index: 0, label: "tiger cat", probability: 0.2 }];
/** @param {string} query */
const offer = (query) => offered(query, LABELS, TOP);

Deno.test("without a query all labels are offered once, the most probable first", () => {
  const { first, others, more } = offer("");
  assert.deepEqual(first, [[3, "dog  0.75"], [0, "tiger cat  0.20"]]);
  assert.deepEqual(others.map(([index]) => index), [1, 2, 4, 5]);
  assert.equal(more, false);
});

Deno.test("labels that begin with the query come first, the shortest before the others", () => {
  const { first, others } = offer(" CAT ");
  assert.deepEqual(first.map(([index]) => index), [0]);
  assert.deepEqual(others.map(([, text]) => text), ["cat", "Catfish", "catamaran", "bobcat"]);
});

Deno.test("what matches nothing is offered nothing", () => {
  assert.deepEqual(offer("zebra"), { first: [], others: [], more: false });
});

Deno.test("there is more where not all that match are offered", () => {
  const labels = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
  const { others, more } = offered("class", labels, []);
  assert.ok(more && others.length < labels.length);
  assert.equal(offered("class", labels.slice(0, others.length), []).more, false);
});

Deno.test("a method is named in the reader's language, with what is said of it", () => {
  const t = translator({
    CartoonX: "KarikaturX",
    "{method} (yours)": "{method} (Ihre)",
    "{method}, changed": "{method}, geändert",
  });
  assert.equal(methodName(t, "CartoonX"), "KarikaturX");
  assert.equal(methodName(t, "CartoonX, changed"), "KarikaturX, geändert");
  assert.equal(methodName(t, "Mine (yours)"), "Mine (Ihre)");
  assert.equal(methodName(t, "CartoonX, changed (yours)"), "KarikaturX, geändert (Ihre)");
});

Deno.test("values are the user's, our preset's or the paper's", () => {
  const values = ["Smooth masks (yours)", "CartoonX, interactive", "Smooth masks", "CartoonX"].map((name) =>
    wordsFor(name).value
  );
  assert.deepEqual(values, ["Yours {value}.", "Preset {value}.", "Preset {value}.", "Paper {value}."]);
});
