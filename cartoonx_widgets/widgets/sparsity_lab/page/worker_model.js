// What a page without a kernel has in place of anywidget's model: it passes messages on to a worker, and its answers.

/** @import { Model, Translator } from "../../shared/page/types.d.ts" */

/** @implements {Model} */
export class WorkerModel {
  /** @type {Set<(content: object, buffers: (DataView | ImageData)[]) => void>} */
  #listeners = new Set();

  /**
   * @param {string} script of the worker
   * @param {{ lab: object, texts: Record<string, string> }} first what it is sent first
   * @param {{ t: Translator, library: () => Uint8Array<ArrayBuffer> }} options `library` is plotly.js, compressed by gzip
   */
  constructor(script, first, { t, library }) {
    this.texts = first.texts;
    this.library = library;
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    this.worker = new Worker(url);
    this.worker.addEventListener("message", ({ data }) => {
      if ("encoded" in data) this.#decode(data.encoded);
      else this.#say(data.content, data.buffers);
    });
    this.worker.addEventListener("error", (event) => {
      const message = event.message ?? t("This browser computes nothing for a page from disk: open it in another one");
      this.#say({ type: "error", message, details: "" }, []);
    });
    this.worker.postMessage(first);
  }

  /** @param {ArrayBuffer[]} encoded parts of a picture's file */
  async #decode(encoded) {
    const exactly = /** @type {const} */ ({ premultiplyAlpha: "none", colorSpaceConversion: "none" });
    const bitmap = await createImageBitmap(new Blob(encoded), exactly).catch(() => null);
    this.worker.postMessage({ bitmap }, bitmap ? [bitmap] : []);
  }

  /** @param {object} content @param {(DataView | ImageData)[]} buffers */
  #say(content, buffers) {
    this.#listeners.forEach((listener) => listener(content, buffers));
  }

  /** @param {string} name */
  get(name) {
    return name === "texts" ? this.texts : undefined;
  }

  set() {}

  save_changes() {}

  /** @param {string} _event @param {(...values: any[]) => void} listener */
  on(_event, listener) {
    this.#listeners.add(listener);
  }

  /** @param {string} _event @param {(...values: any[]) => void} [listener] */
  off(_event, listener) {
    if (listener) this.#listeners.delete(listener);
  }

  /** @param {object} message @param {undefined} [_callbacks] @param {ArrayBuffer[]} [buffers] */
  send(message, _callbacks, buffers = []) {
    if ("type" in message && message.type === "library") {
      this.#say({ type: "library" }, [new DataView(this.library().buffer)]);
    } else this.worker.postMessage({ message, buffers });
  }
}
