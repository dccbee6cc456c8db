// The signal lab's page side: what is drawn is seen at once, and its coefficients when the kernel has them.

import { numbers } from "../../shared/page/bytes.js";
import { follow, h, painted, region } from "../../shared/page/dom.js";
import { atEnd, lifetime } from "../../shared/page/lifetime.js";
import { Problem } from "../../shared/page/problem.js";
import { PythonCode } from "../../shared/page/python_code.js";
import { receive } from "../../shared/page/receive.js";
import { showSnapshot } from "../../shared/page/snapshot.js";
import { translator } from "../../shared/page/texts.js";
import { CoefficientRows } from "./coefficient_rows.js";
import { SignalControls } from "./controls.js";
import { summary } from "./figures.js";
import { HEADROOM, limitOf, widened } from "./geometry.js";
import { History } from "./history.js";
import { Requests } from "./requests.js";
import { SignalPanel } from "./signal_panel.js";

/**
 * @import { Analysis, Atom, FromPage, Setup } from "./messages.d.ts"
 * @import { CodeMessage, ErrorMessage } from "../../shared/page/messages.d.ts"
 * @import { Host, Send } from "../../shared/page/types.d.ts"
 */

/**
 * What the kernel has found.
 * @typedef {object} Found
 * @property {Analysis} content
 * @property {Float64Array} samples
 * @property {Float64Array} coefficients
 * @property {Float64Array} approximation
 * @property {Uint8Array} kept
 */

/** @param {Host} host */
export function render({ model, el, signal: ended }) {
  const life = lifetime(ended);
  const t = translator(model.get("texts"));
  /** @type {Send<FromPage>} */
  const sendMessage = (message) => send(message);

  /** @type {Found | null} the newest */
  let found = null;
  let limit = 1; // the value at the upper edge of the signal, at first
  const history = new History();
  const requests = new Requests(sendMessage, () => signal.samples);
  const signal = new SignalPanel(t, {
    begin,
    changed: (first, last) => requests.draw(first, last),
    end,
  });
  const rows = new CoefficientRows(t, {
    begin,
    changed: (index, value) => requests.move(index, value),
    end,
    chose(index) {
      signal.atom = null;
      root.dataset.chosen = root.dataset.atom = "";
      if (index === null) signal.draw();
      else sendMessage({ type: "atom", index });
    },
  });
  const controls = new SignalControls(t, sendMessage, {
    choosing: () => begin(),
    keep(k) {
      controls.kept.show(k);
      requests.keep(k);
    },
    undo,
  });
  const code = new PythonCode(t, sendMessage);
  const problem = new Problem(t);
  const figures = h("p", { class: "cx-summary" });
  const spoken = h("p", { class: "cx-spoken", role: "status" });
  const root = region(
    t,
    {
      class: "cx-signal-lab",
      "aria-label": t("Signal lab"),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Escape") rows.choose(null);
        if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
        const { target } = event;
        if (target instanceof Element && target.matches("input[type=number], textarea")) return; // it takes back itself
        event.preventDefault();
        undo();
      },
    },
    controls.first,
    problem.element,
    controls.note,
    signal.element,
    controls.second,
    figures,
    rows.element,
    code.dialog,
    spoken,
  );
  controls.first.append(code.button);
  controls.undo.disabled = true;
  el.append(root);

  /** Something is about to change. @param {string} [tag] */
  function begin(tag) {
    history.keep(signal.samples, tag);
    controls.undo.disabled = false;
  }

  /** What was dragged has been let go. */
  function end() {
    history.rest();
    show();
  }

  function undo() {
    const before = history.back();
    controls.undo.disabled = history.isEmpty;
    if (!before) return;
    signal.samples = before;
    signal.draw();
    requests.draw(0, before.length - 1);
  }

  /** @param {Analysis} content @param {DataView[]} buffers */
  function take(content, buffers) {
    const before = found?.content;
    const [samples, coefficients, approximation] = buffers.slice(0, 3).map((one) => numbers(one, Float64Array));
    found = { content, samples, coefficients, approximation, kept: numbers(buffers[3], Uint8Array) };
    if (content.n !== before?.n) {
      requests.drop();
      history.clear();
      controls.undo.disabled = true;
      signal.pen = signal.cursor = null;
    }
    const asked = requests.answered(content.answers);
    const isArranged = content.n !== before?.n || content.levels !== before.levels;
    if (isArranged) {
      rows.pen = null;
      rows.choose(null);
      rows.arrange(content.n, content.levels);
      signal.track.describe(
        t("Signal of {n} samples: left and right choose one, up and down move it", { n: content.n }),
      );
    } else if (content.representation !== before.representation && rows.chosen !== null) {
      sendMessage({ type: "atom", index: rows.chosen });
    }
    show({ isNew: content.serial !== before?.serial, isArranged });
    showData(content, asked);
  }

  /**
   * Show what was found last; what is being dragged stays as it is.
   * @param {{ isNew?: boolean, isArranged?: boolean }} [change] whether it has little to do with what was shown, and
   *   whether there are other rows of coefficients
   */
  function show({ isNew = false, isArranged = false } = {}) {
    if (!found) return;
    const { content, samples, coefficients, approximation, kept } = found;
    const isDrawn = signal.pen !== null || requests.isWaiting("draw");
    const isMoved = rows.pen !== null || requests.isWaiting("coefficient");
    const own = rows.chosen === null ? 0 : rows.coefficients[rows.chosen];
    if (!isDrawn) signal.samples = samples.slice();
    signal.approximation = approximation;
    rows.coefficients = coefficients.slice();
    if (isMoved && rows.chosen !== null) rows.coefficients[rows.chosen] = own;
    rows.kept = kept;
    if (!isDrawn && !isMoved) {
      if (isNew) limit = limitOf(samples, HEADROOM);
      signal.fit(widened(limit, samples));
      rows.fit(isNew || isArranged, limit);
    }
    signal.draw();
    rows.draw();
    controls.show(content);
    if (!requests.isWaiting("keep")) controls.kept.show(content.k);
    figures.textContent = summary(t, content);
    if (requests.isIdle && !isDrawn && !isMoved) spoken.textContent = figures.textContent;
  }

  /** @param {Analysis} content @param {number | undefined} asked when it was */
  async function showData({ name, n, representation, levels, k, energy_kept }, asked) {
    Object.assign(root.dataset, { name, n, representation, levels, k, energy: energy_kept?.toFixed(4) ?? "" });
    if (asked === undefined) return;
    await painted();
    root.dataset.lag = String(Math.round(performance.now() - asked));
  }

  const opened = showSnapshot(root, model, t);
  const send = receive(
    model,
    {
      /** @param {Setup} content */
      setup: (content) => controls.set(content),
      analysis: take,
      /** @param {Atom} content @param {DataView[]} buffers */
      atom({ index }, [buffer]) {
        if (index !== rows.chosen || buffer.byteLength !== 8 * signal.samples.length) return;
        signal.atom = numbers(buffer, Float64Array);
        signal.draw();
        root.dataset.chosen = root.dataset.atom = String(index);
      },
      /** @param {CodeMessage} content */
      code: (content) => code.show(content),
      /** @param {ErrorMessage} content */
      error(content) {
        problem.show(content);
        requests.refused();
      },
    },
    { t, problem, signal: life.signal, opening: "setup", opened, charts: false },
  );

  atEnd(
    life.signal,
    follow(root, () => {
      signal.track.measure();
      rows.measure();
      signal.draw();
      rows.draw();
    }),
  );
  return () => life.abort();
}

export default { render };
