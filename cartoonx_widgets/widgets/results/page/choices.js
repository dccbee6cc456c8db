// What the reader has chosen. It stands in the page's address, so that it outlives a reload and can be handed on.

import { CP_SCORES } from "./scores.js";

export class Choices {
  /** From the text after the #; what does not fit the records is left out. */
  constructor(records, text) {
    const said = new URLSearchParams(text);
    const one = (name, allowed, otherwise) => (allowed.includes(said.get(name)) ? said.get(name) : otherwise);
    const scores = Object.keys(records.better);
    this.x = one("x", CP_SCORES, CP_SCORES[0]);
    this.score = one("score", scores, scores[0]);
    this.method = one("method", records.methods, null);
    this.photograph = one("photograph", records.photographs, null);
    this.hidden = new Set(said.getAll("hidden").filter((name) => records.methods.includes(name)));
    const ends = (said.get("zoom") ?? "").split(",").map(Number);
    this.zoom = ends.length === 4 && ends.every(Number.isFinite) ? [ends.slice(0, 2), ends.slice(2)] : null;
    this.errors = said.get("errors") === "open";
    this.still = said.get("still") === "yes";
  }

  toString() {
    const said = new URLSearchParams({ x: this.x, score: this.score });
    if (this.method !== null) said.set("method", this.method);
    if (this.photograph !== null) said.set("photograph", this.photograph);
    for (const name of this.hidden) said.append("hidden", name);
    if (this.zoom) said.set("zoom", this.zoom.flat().map((end) => end.toPrecision(6)).join(","));
    if (this.errors) said.set("errors", "open");
    if (this.still) said.set("still", "yes");
    return String(said);
  }
}
