// The explorer's page side: takes what the kernel sends, draws it, and answers when it has been drawn.

import { Controls } from "./controls.js";
import { tourSteps } from "./tour_steps.js";
import { outcome } from "../../run_view/page/outcome.js";
import { RunView } from "../../run_view/page/run_view.js";
import { dataUrl, inflated, numbers } from "../../shared/page/bytes.js";
import { follow, painted, region } from "../../shared/page/dom.js";
import { atEnd, lifetime } from "../../shared/page/lifetime.js";
import { Problem } from "../../shared/page/problem.js";
import { PythonCode } from "../../shared/page/python_code.js";
import { receive } from "../../shared/page/receive.js";
import { showSnapshot } from "../../shared/page/snapshot.js";
import { translator } from "../../shared/page/texts.js";
import { Tour } from "../../shared/page/tour.js";

/**
 * @import { Coefficients, FrameMessage, FromPage, RunStatus, Scores, Settings, Setup, StatusMessage } from "./messages.d.ts"
 * @import { Picture } from "../../run_view/page/run_view.js"
 * @import { CodeMessage, ErrorMessage } from "../../shared/page/messages.d.ts"
 * @import { Host, Send } from "../../shared/page/types.d.ts"
 */

/** @param {Host} host */
function render({ model, el, signal }) {
  const life = lifetime(signal);
  const t = translator(model.get("texts"));

  /** @type {Setup} */
  let setup;
  let frames = 0; // how many the kernel has recorded
  /** @type {number | null} the frame that is looked at, null for the newest */
  let shown = null;
  /** @type {number | "newest" | null} a frame asked for and not yet here */
  let requested = null;
  let chartsDue = false;
  /** @type {RunStatus | null} the status with the outcome of the run */
  let verdict = null;
  /** @type {Picture | null} what is drawn */
  let picture = null;

  /** @type {Send<FromPage>} */
  const sendMessage = (message, buffers) => send(message, buffers);

  /** @param {number | null} index */
  function pick(index) {
    root.focus({ preventScroll: true }); // so that Escape is ours
    send({ type: "band", index, frame: shown });
  }
  const view = new RunView(t, pick, {
    coefficients: () => send({ type: "coefficients" }),
    scores: () => send({ type: "scores" }),
  });
  const code = new PythonCode(t, sendMessage);
  const controls = new Controls(t, sendMessage, (/** @type {number | null} */ index) => {
    shown = index;
    controls.showFrames(frames, shown);
    requestFrame();
  });
  const problem = new Problem(t);
  const root = region(
    t,
    {
      class: "cx-explorer",
      "aria-label": t("CartoonX explorer"),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Escape" && picture && picture.message.band !== null) pick(null);
      },
    },
    controls.element,
    problem.element,
    ...view.elements,
    code.dialog,
  );
  const tour = new Tour(t, root, { name: "explorer", steps: tourSteps(t, controls, view), signal: life.signal });
  controls.runs.append(code.button, tour.button);
  root.prepend(tour.offer);
  el.append(root);

  /** Ask for the frame that is looked at, one request at a time. */
  function requestFrame() {
    if (requested !== null) return;
    requested = shown ?? "newest";
    send({ type: "frame", index: shown });
  }

  /** @param {Setup} content @param {DataView[]} buffers */
  function begin(content, [png]) {
    if (setup?.run === content.run) return; // for another view of the same run
    setup = content;
    shown =
      requested =
      picture =
      verdict =
        null;
    frames = 0;
    problem.hide();
    delete root.dataset.shown; // until its first frame is drawn
    root.dataset.target = setup.target.label;
    root.dataset.photograph = setup.photograph;
    controls.set(setup);
    tour.offerOnce();
    view.begin({
      ...setup,
      source: dataUrl(png, "image/png"),
      coefficients: null, // they are asked for when a pointer comes to the mosaic
    });
  }

  /** @param {Settings} content */
  function showSettings(content) {
    controls.showSettings(content);
    root.dataset.method = setup.methods[content.method];
    root.dataset.changed = String(controls.settings.changed);
    view.setWeights(content.settings);
  }

  /** @param {StatusMessage} message */
  function showStatus({ status }) {
    if (status.playing && !controls.playing) problem.hide();
    controls.showStatus(status);
    root.dataset.playing = String(status.playing);
    root.dataset.step = String(status.step);
    root.dataset.settled = String(Boolean(status.summary));
    view.note(status.notes);
    if (status.summary || status.playing || !status.step) verdict = status.summary ? status : null;
    if (status.summary) view.stopping.rests(status.step);
    sum();
  }

  /** The sentence below the pictures: what is shown while it plays or one looks back, else what it has come to. */
  function sum() {
    view.announce(!controls.playing);
    if (picture && (controls.playing || shown !== null)) view.showFigures(picture.message);
    else if (verdict?.summary) view.showSummary(outcome(t, verdict.summary), verdict.warning);
    else if (root.dataset.step === "0") {
      const { label } = setup.target;
      view.showSummary(t("Press play to see which part of the photograph suffices for {label}.", { label }));
    }
  }

  /** @param {ErrorMessage} content */
  function showError(content) {
    requested = null; // it may have been the answer
    problem.show(content);
  }

  /** @param {Picture} seen */
  async function draw(seen) {
    picture = seen;
    const { message } = seen;
    // While it plays, the charts follow with every second frame: they change little, and cost as much as the pictures.
    chartsDue = !controls.playing || shown !== null || !chartsDue;
    await view.draw(seen, { charts: chartsDue, cursor: shown === null ? null : message.step });
    sum();
    root.dataset.shown = String(message.step);
    root.dataset.frames = String(frames);
    root.dataset.band = message.band === null ? "" : setup.bands[message.band].name;
  }

  /** @param {FrameMessage} message @param {DataView[]} buffers */
  async function showFrame(message, buffers) {
    if (message.run !== setup.run) return; // of a run that has been replaced meanwhile
    if (message.live) frames = message.index + 1;
    const ours = requested !== null && requested === (message.live ? "newest" : message.index);
    if (ours) {
      requested = null;
      if (message.live ? shown !== null : message.index !== shown) requestFrame(); // the slider has moved on meanwhile
    }
    controls.showFrames(frames, shown);
    // What another view of this run has asked for is not drawn here.
    if (message.live ? shown === null : ours || message.index === shown) {
      const [cartoon, rest, levels, values, part] = buffers;
      await draw({
        message,
        source: dataUrl(cartoon, "image/jpeg"),
        rest: dataUrl(rest, "image/jpeg"),
        levels: await inflated(/** @type {DataView<ArrayBuffer>} */ (levels)),
        values: numbers(values, Float32Array),
        part: part ? dataUrl(part, "image/jpeg") : null,
      });
    }
    if (message.live) {
      await painted();
      root.dataset.lag = (Date.now() / 1000 - message.sent).toFixed(3); // true where kernel and browser share a clock
      send({ type: "seen", index: message.index });
    }
  }

  const opened = showSnapshot(root, model, t);
  const send = receive(
    model,
    {
      setup: begin,
      /** @param {Coefficients} content @param {DataView[]} buffers */
      coefficients({ run }, [values]) {
        if (run === setup.run) view.mosaic.setCoefficients(numbers(values, Float32Array));
      },
      /** @param {Scores} content */
      scores: (content) => content.run === setup.run && view.stopping.show(content),
      settings: showSettings,
      status: showStatus,
      frame: showFrame,
      /** @param {CodeMessage} content */
      code: (content) => code.show(content),
      error: showError,
    },
    {
      t,
      problem,
      signal: life.signal,
      opening: "setup",
      opened,
      // Each is drawn before the next; of live frames that wait only the newest is kept.
      replaces: (newer, older) => newer.live && older.live && newer.run === older.run,
    },
  );
  atEnd(life.signal, follow(root, () => view.redraw()));
  atEnd(life.signal, () => view.close());
  return () => life.abort();
}

export default { render };
