// What the reader has chosen. It stands in the page's address, so that it outlives a reload and can be handed on.

import { cpScores } from "./scores.js";

/** @import { Records } from "./records.js" */

/** @typedef {[number, number]} Range */

export class Choices {
  /**
   * From the text after the #; what does not fit the records is left out.
   * @param {Pick<Records, "scores" | "methods" | "photographs">} records
   * @param {string} text
   */
  constructor({ scores: ranked, methods, photographs }, text) {
    const parameters = new URLSearchParams(text);
    const scores = Object.keys(ranked);
    const cp = cpScores({ scores: ranked });
    this.x = one(parameters.get("x"), cp) ?? cp[0];
    this.score = one(parameters.get("score"), scores) ?? scores[0];
    this.profile = /** @type {"mask" | "energy"} */ (one(parameters.get("profile"), ["mask", "energy"]) ?? "mask");
    this.method = one(parameters.get("method"), methods);
    this.photograph = one(parameters.get("photograph"), photographs);
    this.hidden = new Set(parameters.getAll("hidden").filter((name) => methods.includes(name)));
    this.zoom = ranges(parameters.get("zoom") ?? "");
    this.errors = parameters.get("errors") === "open";
    this.still = parameters.get("still") === "yes";
  }

  toString() {
    const parameters = new URLSearchParams({ x: this.x, score: this.score });
    if (this.method !== null) parameters.set("method", this.method);
    if (this.photograph !== null) parameters.set("photograph", this.photograph);
    if (this.profile !== "mask") parameters.set("profile", this.profile);
    for (const name of this.hidden) parameters.append("hidden", name);
    if (this.zoom) parameters.set("zoom", this.zoom.flat().map((end) => end.toPrecision(6)).join(","));
    if (this.errors) parameters.set("errors", "open");
    if (this.still) parameters.set("still", "yes");
    return String(parameters);
  }
}

/**
 * A text where it is one of those that are allowed, else null.
 * @param {string | null} text
 * @param {readonly string[]} allowed
 */
const one = (text, allowed) => (text !== null && allowed.includes(text) ? text : null);

/**
 * The ranges of both axes, from their four ends; null where these are no ranges.
 * @param {string} text
 * @returns {[Range, Range] | null}
 */
function ranges(text) {
  const [left, right, bottom, top, ...others] = text.split(",").map(Number);
  const areRanges = left < right && bottom < top && [left, right, bottom, top].every(Number.isFinite);
  return areRanges && !others.length ? [[left, right], [bottom, top]] : null;
}
