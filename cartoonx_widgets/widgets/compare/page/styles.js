// How methods are told apart, and how scores are written.

import { h } from "../../shared/page/dom.js";
import { svg } from "../../shared/page/svg.js";

/** @import { Translator } from "../../shared/page/types.d.ts" */

/** @typedef {{ color: string, dash: string }} MethodStyle */

/**
 * A piece of the line that a method has in the chart.
 * @param {MethodStyle} style
 */
export const lineSample = ({ color, dash }) =>
  svg(
    "svg",
    { width: 26, height: 8, "aria-hidden": "true", class: "cx-sample" },
    svg("line", {
      x1: 1,
      x2: 25,
      y1: 4,
      y2: 4,
      stroke: color,
      "stroke-width": 2.5,
      "stroke-dasharray": dash || "none",
    }),
  );

/**
 * A score in words; a dash where there is none. `written` in `compare/table.py` says nearly the same in Python.
 * @param {number | null | undefined} value
 * @param {string} form "share", "seconds" or "number"
 */
export function written(value, form) {
  if (value === null || value === undefined) return "–";
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
  return h("span", { class: "cx-scale", title: t("One scale for all masks") }, "0", band, "1");
}
