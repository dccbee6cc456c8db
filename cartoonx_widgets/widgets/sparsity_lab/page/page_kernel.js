// What answers the lab's page where there is no kernel: the same messages, computed in the browser.

import { brightness, keptBits, pickedCoefficient, pickedPixel } from "./cells.js";
import { Dwt } from "./dwt.js";
import { Expansion } from "./expansion.js";
import { logSpaced, psnr, ssim } from "./measures.js";
import { asPixels, readPicture } from "./read_picture.js";
import { bytes } from "../../shared/page/bytes.js";

/**
 * @import { Controls, Curve, FromPage, Kept, ToPage, WrittenLab } from "./messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const CURVE_POINTS = 25;
const PATIENCE = 150; // milliseconds in which more may be asked before what takes longer is begun
const BETWEEN_CURVES = 400; // milliseconds, at least, for charts take a while to draw

export class PageKernel {
  run = 0;
  /** @type {Float64Array[]} */
  picture = [];
  /** @type {Record<string, Expansion>} what the k largest are taken of, by "representation" and "pixels" */
  expansions = {};
  /** @type {Record<string, Map<number, { psnr: number | null, ssim: number }>>} known points of the curves */
  curves = {};
  #queue = Promise.resolve();
  /** @type {Map<number, ArrayBuffer[]>} parts of files that are not whole yet */
  #files = new Map();
  #job = 0; // the newest of what takes longer

  /**
   * @param {WrittenLab} lab what the page holds
   * @param {Translator} t
   * @param {object} page
   * @param {(content: ToPage, buffers: (DataView | ImageData)[]) => void} page.send
   * @param {(parts: ArrayBuffer[]) => Promise<ImageBitmap>} page.decode a picture's file
   */
  constructor(lab, t, { send, decode }) {
    this.lab = lab;
    this.t = t;
    this.send = send;
    this.decode = decode;
    /** @type {Controls} */
    this.controls = { ...lab.controls };
  }

  /**
   * Answer a message of the page, after those before it.
   * @param {FromPage} message
   * @param {ArrayBuffer[]} buffers
   */
  take(message, buffers) {
    this.#queue = this.#queue.then(() => this.#answer(message, buffers)).catch((error) => this.#refuse(error));
  }

  /** @param {ToPage} content @param {(DataView | ImageData)[]} buffers */
  #say(content, ...buffers) {
    this.send(content, buffers);
  }

  /** @param {any} error */
  #refuse({ message }) {
    this.#say({ type: "error", message, details: "" });
    this.#say({ type: "state", ...this.controls });
  }

  /** @param {FromPage} message @param {ArrayBuffer[]} buffers */
  #answer(message, buffers) {
    const { controls, lab } = this;
    switch (message.type) {
      case "ready":
        return this.#openHeld(controls.photograph);
      case "keep":
        return this.#keep(message.k, message.answers ?? null);
      case "photograph":
        return this.#openHeld(message.name);
      case "upload":
        return this.#take(message, buffers[0]);
      case "representation":
        return this.#begin(this.#splitBy(message.name));
      case "levels":
        return this.#begin({ ...controls, levels: message.levels });
      case "bands":
        controls.off = message.off.toSorted();
        this.curves.representation = new Map();
        return this.#keep(controls.k, null);
      case "coefficient": {
        const [content, picture] = pickedCoefficient(this.layout, this.own, this.picture, message);
        const pixels = asPixels([[picture, picture, picture]], this.size);
        return this.#say({ ...content, run: this.run }, pixels);
      }
      case "pixel": {
        const [content, levels] = pickedPixel(this.layout, this.own, message);
        return this.#say({ ...content, run: this.run }, new DataView(levels.buffer));
      }
      case "reset":
        return this.#begin({ ...lab.controls, photograph: controls.photograph });
    }
  }

  get own() {
    return this.expansions.representation;
  }

  get wavelet() {
    return this.lab.wavelets[this.controls.representation];
  }

  get layout() {
    return this.lab.layouts[this.wavelet.layouts][this.controls.levels];
  }

  /** @returns {[number, number]} */
  get size() {
    return [this.lab.side, this.lab.side];
  }

  /**
   * Another wavelet splits the picture as often, for a comparison, or as often as it can.
   * @param {string} name
   */
  #splitBy(name) {
    const { most, levels } = this.lab.wavelets[name];
    const now = this.controls.levels;
    return { ...this.controls, representation: name, most, levels: now ? Math.min(now, most) : levels };
  }

  /** @param {{ name: string, key: number, index: number, count: number }} part @param {ArrayBuffer} data */
  async #take({ name, key, index, count }, data) {
    const parts = this.#files.get(key) ?? [];
    this.#files.set(key, parts);
    parts[index] = data;
    if (Object.keys(parts).length < count) return;
    this.#files.delete(key);
    await this.#open(parts, name);
  }

  /**
   * Take another picture apart; where it cannot be read, the present one stays.
   * @param {ArrayBuffer[]} parts of its file
   * @param {string} name
   */
  async #open(parts, name) {
    const { t, lab: { side, limits } } = this;
    this.picture = await readPicture(this.decode(parts), { name, side, limits, t });
    this.expansions = { pixels: new Expansion(this.picture, new Dwt(this.wavelet, this.size, 0)) };
    this.curves = { pixels: new Map() };
    this.#begin({ ...this.controls, photograph: name });
  }

  /** @param {string} name of a picture that the page holds */
  #openHeld(name) {
    return this.#open([bytes(this.lab.pictures[name]).buffer], name);
  }

  /** @param {Controls} controls */
  #begin(controls) {
    this.controls = { ...controls };
    this.run++;
    const { layout, wavelet, size } = this;
    this.expansions.representation = new Expansion(this.picture, new Dwt(wavelet, size, controls.levels));
    this.curves.representation = new Map();
    const { n } = this.own;
    this.controls.k = Math.min(controls.k, n);
    this.controls.off = controls.off.filter((name) => layout.bands.some((band) => band.name === name));
    this.#saySetup();
    this.#keep(this.controls.k, null);
  }

  #saySetup() {
    const { lab, run, own, layout, size, controls } = this;
    this.#say(
      {
        ...controls,
        ...layout,
        type: "setup",
        run,
        photographs: lab.photographs,
        drawings: lab.drawings,
        names: Object.keys(lab.wavelets),
        size,
        n: own.n,
        directional: false,
        colours: lab.colours,
        energies: own.energies(),
        lines: this.#ofEach((expansion) => expansion.line()),
        decays: this.#ofEach((expansion) => expansion.decay()),
      },
      asPixels([this.picture], size),
      new DataView(brightness(layout, own).buffer),
    );
  }

  /**
   * What there is for each expansion, the representation first.
   * @template T
   * @param {(expansion: Expansion, key: string) => T} find
   * @returns {Record<string, T>}
   */
  #ofEach(find) {
    return Object.fromEntries(
      ["representation", "pixels"].map((key) => [key, find(this.expansions[key], key)]),
    );
  }

  /** Which positions may be kept; null where all may. */
  get allowed() {
    return this.own.allowed(this.controls.off.map((name) => this.layout.bands.findIndex((band) => band.name === name)));
  }

  /**
   * @param {number} k
   * @param {number | null} answers number of the page's request
   */
  #keep(k, answers) {
    const { own, t, run, picture, size, layout, controls } = this;
    if (!Number.isInteger(k) || k < 0 || k > own.n) {
      throw new Error(t("k = {k} must be a whole number from 0 (none) to {n} (all coefficients)", { k, n: own.n }));
    }
    controls.k = k;
    const mask = own.kept(k, this.allowed);
    const pictures = this.#ofEach((expansion, key) =>
      expansion.synthesise(key === "pixels" ? keptOf(expansion, k) : mask)
    );
    /** @type {Kept} */
    const content = {
      type: "kept",
      run,
      k,
      count: mask.reduce((sum, one) => sum + one, 0),
      off: controls.off,
      psnr: this.#ofEach((_, key) => finite(psnr(picture, pictures[key]))),
      strip: size[0],
      answers,
    };
    this.#say(content, new DataView(keptBits(layout, mask).buffer), asPixels(Object.values(pictures), size));
    this.#later(content, pictures, mask).catch((error) => this.#refuse(error));
  }

  /**
   * Find what takes longer, in small parts, until something newer is asked: SSIM and energies, then the curves over k.
   * @param {Kept} kept
   * @param {Record<string, Float64Array[]>} pictures
   * @param {Uint8Array} mask
   */
  async #later({ run, k, off }, pictures, mask) {
    const job = ++this.#job;
    const { picture, size, own, allowed, curves } = this;
    await pause(PATIENCE);
    if (job !== this.#job) return;
    /** @type {Record<string, number>} */
    const found = {};
    for (const [key, approximation] of Object.entries(pictures)) {
      found[key] = ssim(picture, approximation, size);
      await pause(0);
      if (job !== this.#job) return;
    }
    this.#say({ type: "figures", run, k, off, ssim: found, energies: own.energies(mask) });
    let said = performance.now();
    for (const [key, at] of this.#missingPoints()) {
      await pause(0);
      if (job !== this.#job) return;
      const expansion = this.expansions[key];
      const approximation = expansion.synthesise(expansion.kept(at, key === "pixels" ? null : allowed));
      curves[key].set(at, { psnr: finite(psnr(picture, approximation)), ssim: ssim(picture, approximation, size) });
      if (performance.now() < said + BETWEEN_CURVES) continue;
      this.#sayCurves(false);
      said = performance.now();
    }
    this.#sayCurves(true);
  }

  /**
   * The points of the curves that are not known, each fourth one first, so that the whole is soon to be seen.
   * @returns {[string, number][]}
   */
  #missingPoints() {
    const points = this.#ofEach(({ n }) => logSpaced(1, n, CURVE_POINTS));
    return [0, 2, 1, 3].flatMap((first) =>
      Object.entries(points).flatMap(([key, every]) =>
        every.filter((k, i) => i % 4 === first && !this.curves[key].has(k)).map((
          k,
        ) => /** @type {[string, number]} */ ([key, k]))
      )
    );
  }

  /** @param {boolean} complete */
  #sayCurves(complete) {
    const curves = this.#ofEach((_, key) => asCurve(this.curves[key]));
    this.#say({ type: "curves", run: this.run, curves, complete });
  }
}

/**
 * Which are kept of a basis that has fewer coefficients than may be asked for.
 * @param {Expansion} expansion
 * @param {number} k
 */
const keptOf = (expansion, k) => expansion.kept(Math.min(k, expansion.n));

/** @param {number} value */
const finite = (value) => (Number.isFinite(value) ? value : null);

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * @param {Map<number, { psnr: number | null, ssim: number }>} points
 * @returns {Curve}
 */
function asCurve(points) {
  const sorted = [...points].sort(([a], [b]) => a - b);
  return {
    k: sorted.map(([k]) => k),
    psnr: sorted.map(([, point]) => point.psnr),
    ssim: sorted.map(([, point]) => point.ssim),
  };
}
