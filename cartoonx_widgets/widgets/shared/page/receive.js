// Communicates with the kernel: takes its messages in order, one after the other, and shows in place what goes wrong.

import { atEnd } from "./lifetime.js";
import { Parts } from "./parts.js";
import { needPlotly, takePlotly, useVersion } from "./plotly.js";

const PATIENCE = 15_000; // milliseconds without an answer, after which a warning is shown
const NEEDS_NO_ANSWER = new Set(["seen"]);

/**
 * @typedef {object} View
 * @property {import("./types.d.ts").Translator} t
 * @property {import("./problem.js").Problem} problem
 * @property {AbortSignal} signal the end of the view
 * @property {string} opening the type of the message before which none is taken but errors: others are answers to
 *   another view of the same model
 * @property {() => void} [opened] called before the first of these is taken
 * @property {boolean} [charts] whether plotly.js is needed
 * @property {(newer: any, older: any) => boolean} [replaces] whether a message that waits is of no use any more
 */

/**
 * Take the kernel's messages until the view ends, each by the handler of its type. One that fails is shown, and the
 * next is taken all the same. plotly.js is asked for where it is not here, and comes past the queue: nothing waits for
 * it but what is drawn with it.
 *
 * Returns a function that sends a message. Where no answer comes for long after it, a warning is shown.
 *
 * @param {import("./types.d.ts").Model} model
 * @param {Record<string, (content: any, buffers: DataView<ArrayBuffer>[]) => unknown>} handlers
 * @param {View} view
 * @returns {import("./types.d.ts").Send<any>}
 */
export function receive(model, handlers, view) {
  const { t, problem, signal, opening, opened = () => {}, charts = true, replaces = () => false } = view;
  /** @type {{ content: any, buffers: DataView<ArrayBuffer>[] }[]} */
  const queue = [];
  const parts = new Parts();
  let isOpen = false;
  let isWorking = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;

  /** @param {any} content @param {DataView<ArrayBuffer>[]} buffers */
  async function take(content, buffers) {
    const type = content?.type;
    if (!Object.hasOwn(handlers, type)) {
      throw new Error(
        t("The kernel runs another version of this widget (unknown message {type}): run the cell again.", {
          type: String(type),
        }),
      );
    }
    if (type === opening && !isOpen) {
      isOpen = true;
      opened();
    }
    if (isOpen || type === "error") await handlers[type](content, buffers);
  }

  async function work() {
    if (isWorking) return;
    isWorking = true;
    for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
      try {
        await take(next.content, next.buffers);
      } catch (error) {
        fail(error);
      }
    }
    isWorking = false;
  }

  /** @param {any} error */
  function fail(error) {
    if (!signal.aborted) problem.showFailure(error);
  }

  /** @param {any} content @param {DataView<ArrayBuffer>[]} buffers */
  function enqueue(content, buffers) {
    clearTimeout(silence);
    problem.hideSilence();
    if (content?.type === "part") {
      const whole = parts.take(content, buffers[0]);
      if (whole) enqueue(whole[0].content, whole[1]);
      return;
    }
    if (content?.type === "library") {
      takePlotly(buffers?.[0]).catch(() => fail(new Error(t("plotly.js did not arrive whole; it is asked for again"))));
      return;
    }
    const index = queue.findLastIndex((older) => replaces(content, older.content));
    if (index < 0) queue.push({ content, buffers });
    else queue[index] = { content, buffers };
    work();
  }

  /** No answer came; where a snapshot is seen instead, that is known. */
  function miss() {
    if (isOpen || !model.get("snapshot")?.summary) problem.showSilence();
  }

  /** @param {{ type: string }} message @param {ArrayBuffer[]} [buffers] */
  function send(message, buffers) {
    if (!NEEDS_NO_ANSWER.has(message.type)) {
      clearTimeout(silence);
      silence = setTimeout(miss, PATIENCE);
    }
    try {
      model.send(message, undefined, buffers);
    } catch {
      miss();
    }
  }

  model.on("msg:custom", enqueue);
  atEnd(signal, () => {
    model.off("msg:custom", enqueue);
    clearTimeout(silence);
  });
  if (charts) {
    useVersion(model.get("_library"));
    needPlotly(() => send({ type: "library" }), signal);
  }
  send({ type: "ready" });
  return send;
}
