// The sparsity lab's page side: takes what the kernel sends and draws it; asks for one number of coefficients at a time.

import { decoded, numbers } from "../../shared/page/bytes.js";
import { follow, h, painted, region } from "../../shared/page/dom.js";
import { atEnd, lifetime } from "../../shared/page/lifetime.js";
import { Problem } from "../../shared/page/problem.js";
import { PythonCode } from "../../shared/page/python_code.js";
import { receive } from "../../shared/page/receive.js";
import { showSnapshot } from "../../shared/page/snapshot.js";
import { translator } from "../../shared/page/texts.js";
import { Tour } from "../../shared/page/tour.js";
import { Viewport } from "../../shared/page/viewport.js";
import { Beside } from "./beside.js";
import { BASES, LabCharts } from "./charts.js";
import { Closeup } from "./closeup.js";
import { LabControls } from "./controls.js";
import { DenoiseSection, quality } from "./denoise.js";
import { EnergyPanel } from "./energies.js";
import { ZoomView } from "./picture_view.js";
import { tourSteps } from "./tour_steps.js";

const REST = 150; // milliseconds without new pictures, after which the slider is taken to rest

/**
 * @import { Beside as BesideMessage, CurvesMessage, Denoised, DenoisedFigures, FiguresMessage, FromPage, Kept, PickedCoefficient, PickedPixel, Setup, State } from "./messages.d.ts"
 * @import { CodeMessage, ErrorMessage } from "../../shared/page/messages.d.ts"
 * @import { Host, Send } from "../../shared/page/types.d.ts"
 */

/** @param {Host & { live?: boolean }} options `live` is false where a page without a kernel answers itself */
export function render({ model, el, signal, host, live = true }) {
  const life = lifetime(signal);
  const t = translator(model.get("texts"));
  /** @type {Send<FromPage>} */
  const sendMessage = (message, buffers) => send(message, buffers);

  /** @type {Setup} */
  let setup;
  /** @type {{ k: number, at: number } | null} the newest number asked for, and when */
  let wish = null;
  /** @type {{ k: number, at: number, number: number } | null} the wish under way, with its number */
  let pending = null;
  let requests = Math.floor(1e9 * Math.random()); // so that two views of one lab do not take each other's answers
  /** @type {Kept | null} the newest message of what is kept */
  let shown = null;
  /** @type {FiguresMessage | null} SSIM and energies that belong to it */
  let figures = null;

  const viewport = new Viewport();
  const closeup = new Closeup(t, viewport, sendMessage, (picked) => (root.dataset.picked = picked));
  const { mosaic } = closeup;
  const energies = new EnergyPanel(t, (index) => controls.bands.toggle(setup.bands[index].name));
  /** @type {Record<string, ZoomView>} */
  const views = {
    representation: new ZoomView(t, viewport, "", t("The picture from the k largest coefficients, cut off to 0 to 1")),
    cosine: new ZoomView(
      t,
      viewport,
      t(BASES.cosine),
      t("The picture from the k largest coefficients of its cosine transform"),
    ),
    fourier: new ZoomView(
      t,
      viewport,
      t(BASES.fourier),
      t("The picture from the k largest coefficients of its Fourier transform"),
    ),
    pixels: new ZoomView(t, viewport, t(BASES.pixels), t("The k brightest pixels, the others black")),
  };
  const denoise = new DenoiseSection(t, viewport, sendMessage);
  const code = new PythonCode(t, sendMessage);
  const charts = new LabCharts(t);
  const controls = new LabControls(t, sendMessage, keep);
  const pictures = h("div", { class: "cx-four" }, ...Object.values(views).map((view) => view.element));
  const problem = new Problem(t);
  const beside = new Beside(t, viewport, { send: sendMessage, host, signal: life.signal });
  const spoken = h("p", { class: "cx-spoken", role: "status" });
  const root = region(
    t,
    {
      class: "cx-lab",
      "aria-label": t("Sparsity lab"),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Escape" && root.dataset.picked) closeup.letGo();
      },
    },
    beside.bar,
    problem.element,
    h(
      "div",
      { class: "cx-halves" },
      h(
        "div",
        { class: "cx-own" },
        controls.first,
        h("div", { class: "cx-three" }, ...closeup.elements, energies.element),
        controls.bands.element,
        controls.second,
        pictures,
        denoise.element,
        charts.element,
        code.dialog,
        spoken,
      ),
      beside.place,
    ),
  );
  beside.within(root);
  const steps = tourSteps(t, { controls, closeup, pictures, charts });
  const tour = new Tour(t, root, { name: "sparsity lab", steps, signal: life.signal });
  controls.first.append(code.button, beside.button, tour.button);
  root.prepend(tour.offer);
  // A page without a kernel has neither Python to copy nor noise to take out, and shows what was written.
  denoise.element.hidden = code.button.hidden = tour.button.hidden = !live;
  el.append(root);

  /** Ask for the number of coefficients that is wished for, one request at a time. */
  /** @param {number} k */
  function keep(k) {
    wish = { k, at: performance.now() };
    controls.showKept(k);
    charts.at(k);
    ask();
  }

  function ask() {
    if (pending || !wish) return;
    pending = { ...wish, number: ++requests };
    wish = null;
    send({ type: "keep", k: pending.k, answers: pending.number });
  }

  // Charts take long to draw, and so wait until the slider rests.
  /** @type {Map<string, () => unknown>} */
  const due = new Map();
  let rested = 0; // when the newest pictures came
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  /** @param {string} name @param {() => unknown} draw */
  function whenCalm(name, draw) {
    due.set(name, draw);
    timer ??= setInterval(() => {
      if (pending || wish || performance.now() < rested + REST) return;
      clearInterval(timer);
      timer = undefined;
      const draws = [...due.values()];
      due.clear();
      draws.forEach((draw) => draw());
    }, REST / 3);
  }

  /** @param {Setup} content @param {DataView[]} buffers */
  async function begin(content, [jpeg, cells]) {
    if (setup?.run === content.run) return; // for another view of the same picture
    setup = content;
    figures =
      shown =
      wish =
      pending =
        null;
    due.clear();
    problem.hide();
    for (const [key, view] of Object.entries(views)) view.element.hidden = !(key in setup.lines);
    if (live) tour.offerOnce();
    controls.set(setup);
    controls.showState(setup);
    closeup.set(setup, await decoded(jpeg), numbers(cells, Uint8Array));
    energies.set(setup);
    denoise.set(setup);
    whenCalm("sizes", () => charts.set(setup));
    const { run, photograph, representation, levels, n } = setup;
    setData({ run, photograph, representation, levels, n, curves: "" });
  }

  /** @param {Kept} content @param {DataView[]} buffers */
  async function showKept(content, [bits, jpeg]) {
    if (content.run !== setup?.run) return;
    const mine = pending && content.answers === pending.number ? pending : null;
    if (mine) {
      pending = null;
      ask(); // the kernel works on the next one while this one is drawn
    } else if (!pending && !wish) controls.showKept(content.k); // set from Python
    const strip = await decoded(jpeg);
    Object.keys(content.psnr).forEach((key, i) => {
      const words = t("The picture from the k largest coefficients: {name}", { name: nameOf(key) });
      views[key].draw(strip, words, i * content.strip, setup.size[0]);
    });
    const before = shown;
    shown = content;
    figures = null;
    controls.bands.show(content.off);
    mosaic.update(numbers(bits, Uint8Array), content.off);
    mosaic.describe(t("The coefficients as a mosaic of bands; {k} of {n} are kept.", { k: content.count, n: setup.n }));
    captions();
    tell();
    charts.at(content.k);
    rested = performance.now();
    await painted();
    if (mine) setData({ lag: Math.round(performance.now() - mine.at) });
    setData({ k: content.k, count: content.count, off: content.off.join(" "), ssim: "" });
    if (before?.off.join() !== content.off.join()) whenCalm("energies", () => energies.updateKept(null, content.off));
  }

  /** Tell what is shown, for a comparison with the lab beside this one. */
  function tell() {
    if (!shown) return;
    const { photograph: name, representation, levels } = setup;
    const title = [...setup.photographs, ...setup.drawings].find((one) => one.name === name)?.title;
    const { k, off, psnr } = shown;
    beside.tell({
      photograph: title ? t(title) : name,
      representation,
      levels,
      k,
      off,
      psnr: psnr.representation,
      denoised: denoise.shown,
    });
  }

  /** @param {Record<string, string | number>} values */
  function setData(values) {
    for (const [name, value] of Object.entries(values)) root.dataset[name] = String(value);
  }

  /** @param {string} key */
  const nameOf = (key) => (key === "representation" ? t(setup.representation) : t(BASES[key]));

  function captions() {
    if (!shown) return;
    for (const key of Object.keys(shown.psnr)) {
      views[key].caption.textContent = quality(shown.psnr[key], figures?.ssim[key]);
    }
    views.representation.heading.textContent = nameOf("representation");
  }

  /** @param {FiguresMessage} content */
  function showFigures(content) {
    if (!shown || content.run !== setup.run || content.k !== shown.k || content.off.join() !== shown.off.join()) return;
    figures = content;
    captions();
    const values = Object.keys(content.ssim).map((key) => `${nameOf(key)} ${views[key].caption.textContent}`);
    spoken.textContent = `${t("{k} of {n}", { k: shown.k, n: setup.n })}: ${values.join("; ")}`;
    root.dataset.ssim = content.ssim.representation.toFixed(4);
    whenCalm("energies", () => energies.updateKept(content.energies, content.off));
  }

  /** @param {CurvesMessage} content */
  function showCurves(content) {
    if (content.run !== setup.run) return;
    whenCalm("curves", async () => {
      await charts.showCurves(content.curves);
      root.dataset.curves = content.complete ? "complete" : "growing";
    });
  }

  /** @param {State} content */
  function showState(content) {
    Object.assign(setup, { levels: content.levels, most: content.most });
    if (!wish && !pending) controls.showState(content);
  }

  const opened = showSnapshot(root, model, t);
  const send = receive(
    model,
    {
      setup: begin,
      kept: showKept,
      figures: showFigures,
      curves: showCurves,
      /** @param {PickedCoefficient | PickedPixel} content @param {DataView[]} buffers */
      picked: (content, [buffer]) => (content.run === setup.run ? closeup.show(content, buffer) : null),
      /** @param {Denoised} content @param {DataView[]} buffers */
      denoised: (content, buffers) => denoise.show(content, buffers).then(tell),
      /** @param {DenoisedFigures} content */
      denoised_figures: (content) => denoise.showFigures(content),
      denoising_stopped() {
        denoise.stop();
        tell();
      },
      /** @param {BesideMessage} content */
      beside(content) {
        if (beside.show(content)) redraw();
      },
      /** @param {CodeMessage} content */
      code: (content) => code.show(content),
      state: showState,
      /** @param {ErrorMessage} content */
      error(content) {
        pending = null; // it may have been the answer
        problem.show(content);
        ask();
        denoise.refused();
      },
    },
    { t, problem, signal: life.signal, opening: "setup", opened },
  );

  const redraw = () => {
    if (energies.traces.length) energies.draw();
    charts.redraw();
    if (setup) mosaic.annotate();
  };
  atEnd(life.signal, follow(root, redraw));
  atEnd(life.signal, () => {
    clearInterval(timer);
    energies.close();
    charts.close();
  });
  return () => life.abort();
}

export default { render };
