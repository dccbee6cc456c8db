// Drawings of one plot, which follow each other: Plotly never ends one that another has overtaken.

import { plotly, plotlyNow } from "./plotly.js";

/** @import { Plotly } from "./plotly.d.ts" */

export class Drawings {
  /** @type {Promise<void> | null} the drawing under way */
  #current = null;
  /** @type {Promise<void> | null} the one that waits for its end, or for plotly.js */
  #next = null;
  /** Whether nothing is to be drawn any more. */
  ended = false;

  /** @param {(library: Plotly) => Promise<void>} draw draws what there is to see */
  constructor(draw) {
    this.draw = draw;
  }

  /** Ask for a drawing of what there is to see when it begins; of those that wait, one is enough. Resolves at its end. */
  ask() {
    return this.#next ??= this.#begin();
  }

  async #begin() {
    await this.#current?.catch(() => {}); // whoever asked for that one is told
    const library = plotlyNow() ?? await plotly();
    this.#next = null; // what changes from now on is for another one
    if (this.ended) return;
    this.#current = this.draw(library).finally(() => (this.#current = null));
    await this.#current;
  }

  /** Begin no more of them. Resolves when the one under way has ended. */
  async end() {
    this.ended = true;
    await this.#current?.catch(() => {});
  }
}
