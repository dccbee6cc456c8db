// The line of each method, and how scores are written.

import { h } from "../../shared/page/dom.js";
import { sample } from "../../shared/page/line_legend.js";

/**
 * @import { ComparedMethod } from "./messages.d.ts"
 * @import { ShownScore } from "../../shared/page/messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * A piece of the line that a method has in the chart.
 * @param {Pick<ComparedMethod, "color" | "dash">} style
 */
export function lineSample(style) {
  const line = sample(style, 2.5, 1);
  line.classList.add("cx-sample");
  return line;
}

/**
 * A score in words; a dash where there is none. `written` in `compare/table.py` does nearly the same in Python.
 * @param {number | null} value
 * @param {ShownScore["form"]} form
 */
export function written(value, form) {
  if (value === null) return "–";
  if (form === "share") return `${(100 * value).toFixed(1)} %`;
  if (form === "seconds") return value.toFixed(1);
  return Math.abs(value) < 999.5 ? value.toPrecision(3) : value.toFixed(0);
}

/**
 * The colours that a mask's entries have, from 0 to 1.
 * @param {Translator} t
 * @param {string[]} colours
 */
export function colourScale(t, colours) {
  const band = h("span", {
    class: "cx-scale-colours",
    role: "img",
    "aria-label": t("dark: 0, deleted; bright: 1, kept"),
  });
  band.style.background = `linear-gradient(90deg, ${colours.join(", ")})`;
  return h("span", { class: "cx-scale", title: t("One colour scale for all masks") }, "0", band, "1");
}
