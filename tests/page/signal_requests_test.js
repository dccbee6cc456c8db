import assert from "node:assert/strict";
import { exactPercent, summary } from "../../cartoonx_widgets/widgets/signal_lab/page/figures.js";
import { History } from "../../cartoonx_widgets/widgets/signal_lab/page/history.js";
import { Requests } from "../../cartoonx_widgets/widgets/signal_lab/page/requests.js";
import { translator } from "../../cartoonx_widgets/widgets/shared/page/texts.js";

/** Requests whose frames a test lets pass. */
function tried() {
  /** @type {any[]} */
  const sent = [];
  /** @type {(() => void)[]} */
  const due = [];
  const samples = Float64Array.from({ length: 8 }, (_, i) => i);
  const requests = new Requests((message) => sent.push(message), () => samples, (callback) => due.push(callback));
  const frame = () => due.splice(0).forEach((callback) => callback());
  const fields = () => sent.map(({ answers: _, ...fields }) => fields);
  return { requests, sent, samples, frame, fields, due };
}

Deno.test("what is drawn within a frame is one message, with the newest values from the first to the last", () => {
  const { requests, samples, frame, fields } = tried();
  requests.draw(3, 4);
  requests.draw(6, 6);
  samples[4] = 40;
  assert.deepEqual(fields(), []);
  frame();
  assert.deepEqual(fields(), [{ type: "draw", first: 3, samples: [3, 40, 5, 6] }]);
});

Deno.test("the next message waits for the answer and for a frame, and is the newest", () => {
  const { requests, sent, frame, fields } = tried();
  requests.move(2, 0.5);
  frame();
  requests.move(2, 0.6);
  requests.move(2, 0.7);
  frame();
  assert.equal(sent.length, 1);
  assert.equal(requests.answered(null), undefined); // Python has set something
  assert.equal(requests.answered(sent[0].answers + 1), undefined); // to another view
  frame();
  assert.equal(sent.length, 1);
  assert.ok(requests.isWaiting("coefficient") && !requests.isWaiting("draw"));
  assert.ok(Number.isFinite(requests.answered(sent[0].answers)));
  assert.equal(sent.length, 1);
  frame();
  assert.deepEqual(fields()[1], { type: "coefficient", index: 2, value: 0.7 });
  requests.answered(sent[1].answers);
  frame();
  assert.equal(sent.length, 2);
  assert.ok(requests.isIdle);
});

Deno.test("a refusal lets the next one go, and what is dropped is not sent", () => {
  const { requests, frame, fields, due } = tried();
  requests.keep(3);
  frame();
  requests.keep(0);
  requests.refused();
  frame();
  assert.deepEqual(fields(), [{ type: "keep", k: 3 }, { type: "keep", k: 0 }]);
  requests.draw(0, 1);
  requests.drop();
  frame();
  assert.equal(fields().length, 2);
  assert.ok(requests.isIdle && due.length === 0);
});

Deno.test("changes are taken back one by one; what goes on with one tag is one", () => {
  const history = new History();
  const states = [0, 1, 2, 3, 4].map((value) => Float64Array.of(value));
  history.keep(states[0]);
  history.keep(states[1], "pen 3");
  history.keep(states[2], "pen 3");
  history.rest();
  history.keep(states[3], "pen 3");
  states[3][0] = 9; // what is kept is a copy
  assert.deepEqual([history.back(), history.back(), history.back()].map((one) => one?.[0]), [3, 1, 0]);
  assert.equal(history.back(), undefined);
  for (let i = 0; i < 150; i++) history.keep(states[0]);
  for (let i = 0; i < 100; i++) assert.ok(history.back());
  assert.ok(history.isEmpty);
});

Deno.test("what is not all, or not nothing, is not rounded to it", () => {
  assert.deepEqual([0, 1e-5, 0.0005, 0.5, 0.9994, 0.9996, 1].map(exactPercent), [
    "0 %",
    "< 0.1 %",
    "0.1 %",
    "50.0 %",
    "99.9 %",
    "> 99.9 %",
    "100 %",
  ]);
});

Deno.test("the figures are said in one line, also where nothing is lost, or nothing there", () => {
  const t = translator({});
  const figures = { k: 4, n: 8, nonzero: 6, energy_kept: 0.9, relative_error: 0.3162, snr: 10.04 };
  assert.equal(
    summary(t, figures),
    "4 of 8 coefficients keep 90.0 % of the energy · error 31.6 % · 10.0 dB · not 0: 6",
  );
  assert.ok(!summary(t, { ...figures, energy_kept: 1, relative_error: 0, snr: null }).includes("dB"));
  assert.match(summary(t, { ...figures, energy_kept: null, relative_error: null, snr: null }), /All samples are 0/);
});
