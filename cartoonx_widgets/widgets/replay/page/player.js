// The replay of a recording: play, scrub, pick bands. It asks no kernel for anything.

import { RecordedRun } from "./recorded_run.js";
import { outcome } from "../../run_view/page/outcome.js";
import { RunView } from "../../run_view/page/run_view.js";
import { follow, h, region } from "../../shared/page/dom.js";
import { atEnd } from "../../shared/page/lifetime.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4];

const FRAMES_PER_SECOND = 10; // at speed 1

const CHARTS_AT_REST = 60; // milliseconds after the last movement, or now and then while it goes on

const CHARTS_MOVING = 250;

/**
 * @import { ReplayContent } from "./messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * What is looked at: the frame, whether it plays, and the name of the band that is seen alone.
 * @typedef {{ frame: number, playing: boolean, band: string | null }} PlayerState
 */

/**
 * The region of the page that a recorded run is shown in.
 * @param {Translator} t
 * @param {(Node | string)[]} children
 */
export const replayRegion = (t, ...children) =>
  region(t, { class: "cx-replay", "aria-label": t("Replay of a CartoonX run") }, ...children);

/**
 * Shows a recorded run in its region. Resolves when its last frame is drawn, with a function that changes what is looked
 * at.
 * @param {HTMLElement} root
 * @param {ReplayContent} content
 * @param {Translator} t
 * @param {object} options
 * @param {AbortSignal} options.signal the end
 * @param {(state: PlayerState) => void} [options.moved] what is looked at
 * @param {(error: any) => void} options.failed a frame that cannot be shown
 * @returns {Promise<(state: Partial<PlayerState>) => void>}
 */
export async function showRecording(root, content, t, { signal, moved = () => {}, failed }) {
  const run = new RecordedRun(content);
  const last = run.length - 1;

  let index = last; // the frame that is looked at
  /** @type {number | null} */
  let band = null;
  let playing = false;
  /** @type {Promise<void> | null} the drawing under way */
  let drawing = null;
  let chartsDrawn = performance.now(); // when last; the first time they follow the pictures
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;

  const view = new RunView(t, (/** @type {number | null} */ picked) => {
    band = picked;
    root.focus({ preventScroll: true }); // so that Escape is ours
    showFrame();
  }, {
    coefficients: () => run.coefficients().then((values) => view.mosaic.setCoefficients(values)).catch(failed),
    scores: () => view.stopping.show(content.scores),
  });
  const play = h("button", { class: "cx-play", onclick: () => (playing ? pause() : start()) });
  /** @param {string} text @param {string} title @param {() => number} target */
  const jump = (text, title, target) => h("button", { title, "aria-label": title, onclick: () => go(target()) }, text);
  const slider = h("input", {
    type: "range",
    class: "cx-frames",
    min: 0,
    max: last,
    "aria-label": t("Frames of the recording"),
    title: t("Look at any moment of the run"),
    oninput: () => go(Number(slider.value)),
  });
  const where = h("span", { class: "cx-where" });
  const speed = h(
    "select",
    { "aria-label": t("Speed"), title: t("How fast the recording is played") },
    ...SPEEDS.map((factor) => h("option", { value: factor }, `${factor} ×`)),
  );
  speed.value = "1";
  root.addEventListener("keydown", press);
  atEnd(signal, follow(root, () => view.redraw())); // while there is little to be measured
  root.append(
    h(
      "div",
      { class: "cx-row" },
      h(
        "div",
        { class: "cx-group" },
        play,
        jump("«", t("First frame (Home)"), () => 0),
        jump("‹", t("One frame back (left arrow)"), () => index - 1),
        jump("›", t("One frame on (right arrow)"), () => index + 1),
        jump("»", t("Last frame (End)"), () => last),
      ),
      h("div", { class: "cx-group cx-wide" }, slider),
      where,
      h("div", { class: "cx-group" }, h("span", { class: "cx-caption", "aria-hidden": "true" }, t("speed")), speed),
    ),
    h("p", { class: "cx-about" }, `${run.scene.photograph} · ${content.details}`),
    ...view.elements,
  );

  /** @param {number | null} picked */
  const nameOf = (picked) => (picked === null ? null : run.scene.bands[picked].name);

  function showState() {
    const { step, steps } = content.frames[index];
    play.textContent = playing ? `❚❚ ${t("Pause")}` : `▶ ${t("Play")}`;
    play.title = playing ? t("Pause (space)") : t("Play the recording (space)");
    slider.value = String(index);
    where.textContent = t("step {step} of {steps}", { step, steps });
    slider.setAttribute("aria-valuetext", where.textContent);
    root.dataset.playing = String(playing);
    moved({ frame: index, playing, band: nameOf(band) });
  }

  /** Draw the newest wish, one drawing after the other; the charts follow at rest, and now and then on the way. */
  async function showFrame() {
    showState();
    if (drawing) return drawing;
    drawing = drawNewest().catch(failed).finally(() => (drawing = null));
    await drawing;
    clearTimeout(rest);
    const delay = root.dataset.settled ? CHARTS_AT_REST : 0; // at first, once the pictures are seen
    if (!playing) rest = setTimeout(() => drawing || settle().catch(failed), delay);
  }

  async function drawNewest() {
    for (let wish = ""; wish !== `${index} ${band}`;) {
      wish = `${index} ${band}`;
      const [shown, picked] = [index, band];
      const charts = performance.now() - chartsDrawn > CHARTS_MOVING;
      await draw(shown, picked, charts);
      root.dataset.shown = String(content.frames[shown].step);
      root.dataset.frame = String(shown);
      root.dataset.band = nameOf(picked) ?? "";
      await new Promise(requestAnimationFrame);
    }
  }

  /** @param {number} shown @param {number | null} picked @param {boolean} charts */
  async function draw(shown, picked, charts) {
    const picture = await run.picture(shown, picked);
    await view.draw(picture, { charts, cursor: picture.message.step });
    if (charts) chartsDrawn = performance.now();
    view.announce(!playing);
    if (shown === last && !playing) view.showSummary(outcome(t, content.outcome), content.warning);
    else view.showFigures(picture.message);
    const { part, partStep } = picture;
    view.note(
      part && partStep !== picture.message.step
        ? [t("The band is shown as it was at step {step}", { step: partStep })]
        : [],
    );
  }

  async function settle() {
    await draw(index, band, true);
    root.dataset.settled = String(index);
  }

  /** @param {number} target */
  function go(target) {
    index = Math.max(0, Math.min(last, target));
    return showFrame();
  }

  async function start() {
    playing = true;
    if (index === last) index = 0;
    let due = performance.now();
    while (playing && !signal.aborted) {
      await showFrame();
      due = Math.max(due + 1000 / (FRAMES_PER_SECOND * Number(speed.value)), performance.now());
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      if (playing && index === last) playing = false;
      if (playing) index += 1;
    }
    showFrame();
  }

  function pause() {
    playing = false;
    showFrame();
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const { key } = event;
    const target = /** @type {HTMLElement} */ (event.target);
    if (key === "Escape" && band !== null) {
      band = null;
      showFrame();
      return;
    }
    if (target.matches("select, input:not(.cx-frames)") || event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: last };
    if (key === " " && !target.matches("button")) playing ? pause() : start();
    else if (key in moves) go(moves[key]);
    else return;
    event.preventDefault();
  }

  view.begin(run.scene);
  view.setWeights(content.penalty_weights);
  root.dataset.frames = String(run.length);
  atEnd(signal, () => {
    playing = false;
    clearTimeout(rest);
    view.close();
  });
  await showFrame();
  return (state) => {
    if (state.band !== undefined) {
      const picked = run.scene.bands.findIndex(({ name }) => name === state.band);
      band = picked < 0 ? null : picked;
    }
    if (state.frame !== undefined) index = Math.max(0, Math.min(last, state.frame));
    if (state.playing && !playing) start();
    else if (state.playing === false && playing) pause();
    else showFrame();
  };
}
