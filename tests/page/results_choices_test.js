import assert from "node:assert/strict";
import { Choices } from "../../cartoonx_widgets/widgets/results/page/choices.js";

/** @param {"more" | "less"} better @returns {import("../../cartoonx_widgets/widgets/shared/page/messages.d.ts").ShownScore} */
const score = (better) => ({ name: "", label: "", about: "", better, form: "number", log: false });
const records = {
  scores: { hallucination: score("less"), cp_l1: score("more"), seconds: score("less") },
  methods: ["CartoonX", "a & b = c", "ShearletX"],
  photographs: ["coffee", "Küche #1.jpg"],
};

Deno.test("what is chosen outlives the way through the address", () => {
  const choices = new Choices(records, "");
  choices.x = "cp_l1";
  choices.score = "seconds";
  choices.method = "a & b = c";
  choices.photograph = "Küche #1.jpg";
  choices.hidden = new Set(["CartoonX", "a & b = c"]);
  choices.zoom = [[-1.5, 2.25], [0, 0.123456]];
  choices.errors = true;
  choices.still = true;
  choices.profile = "energy";
  assert.deepEqual(new Choices(records, String(choices)), choices);
});

Deno.test("an empty address is the first of everything, and stays so", () => {
  const choices = new Choices(records, "");
  assert.equal(choices.x, "cp_l1");
  assert.equal(choices.score, "hallucination");
  assert.deepEqual([choices.method, choices.photograph, choices.zoom], [null, null, null]);
  assert.equal(choices.hidden.size, 0);
  assert.deepEqual([choices.errors, choices.still], [false, false]);
  assert.deepEqual(new Choices(records, String(choices)), choices);
});

const JUNK = [
  "x=seconds&score=toString&method=constructor&photograph=none&hidden=other&zoom=1&errors=yes&still=open&profile=both",
  "x=&score=&method=&photograph=&hidden=&zoom=&errors=&still=",
  "%E0%A4%A&=&&&x",
  "zoom=,,,",
  "zoom=1,2,3,NaN",
  "zoom=2,1,0,1",
  "zoom=0,Infinity,0,1",
  "zoom=0,1,0,1,2",
];

for (const text of JUNK) {
  Deno.test(`what does not fit the records is left out: ${text}`, () => {
    assert.deepEqual(new Choices(records, text), new Choices(records, ""));
  });
}

Deno.test("what fits is taken beside what does not", () => {
  const { score, hidden } = new Choices(records, "score=seconds&hidden=other&hidden=ShearletX&zoom=x");
  assert.equal(score, "seconds");
  assert.deepEqual([...hidden], ["ShearletX"]);
});
