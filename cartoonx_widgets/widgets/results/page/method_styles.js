// The style of each method in all figures: a colour, a shape and a dash, so that none differs by colour alone.

import { escaped } from "../../shared/page/format.js";
import { svg } from "../../shared/page/svg.js";

// Of Okabe and Ito; those that stand out from white and from black come first.
const METHOD_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#767676", "#e69f00", "#56b4e9"];

// As Plotly calls them, and as paths in a square of 12 around 0.
const METHOD_SHAPES = [
  ["circle", "M 4.5 0 A 4.5 4.5 0 1 1 -4.5 0 A 4.5 4.5 0 1 1 4.5 0 Z"],
  ["square", "M -4 -4 H 4 V 4 H -4 Z"],
  ["diamond", "M 0 -5.5 L 5.5 0 L 0 5.5 L -5.5 0 Z"],
  ["triangle-up", "M 0 -5 L 5 4 H -5 Z"],
  ["cross", "M -5 -1.8 H -1.8 V -5 H 1.8 V -1.8 H 5 V 1.8 H 1.8 V 5 H -1.8 V 1.8 H -5 Z"],
  ["triangle-down", "M 0 5 L 5 -4 H -5 Z"],
  ["x", "M 0 -2.5 L 2.5 -5 L 5 -2.5 L 2.5 0 L 5 2.5 L 2.5 5 L 0 2.5 L -2.5 5 L -5 2.5 L -2.5 0 L -5 -2.5 L -2.5 -5 Z"],
  ["hourglass", "M -5 -5 H 5 L -5 5 H 5 Z"],
];

const METHOD_DASHES = ["solid", "7px,3px", "2px,2px", "7px,3px,2px,3px", "12px,3px"];

/**
 * The style of the method at an index of the study's list.
 * @param {number} index
 */
export function methodStyle(index) {
  const [symbol, path] = METHOD_SHAPES[index % METHOD_SHAPES.length];
  const [color, dash] = [METHOD_COLOURS, METHOD_DASHES].map((list) => list[index % list.length]);
  return { color, symbol, path, dash };
}

/**
 * A method's mark, for a line of text.
 * @param {number} index
 */
export function methodMark(index) {
  const { color, path } = methodStyle(index);
  const attributes = { class: "cx-mark", width: 12, height: 12, viewBox: "-6 -6 12 12", "aria-hidden": "true" };
  return svg("svg", attributes, svg("path", { d: path, fill: color }));
}

/**
 * The same colour with less ink.
 * @param {string} color "#rrggbb"
 * @param {number} opacity in [0, 1]
 */
export const faint = (color, opacity) => `${color}${Math.round(255 * opacity).toString(16).padStart(2, "0")}`;

/**
 * A user's text where Plotly reads a little HTML, cut to what an axis has room for.
 * @param {string} text
 * @param {number} length in characters
 */
export const axisText = (text, length) => escaped(text.length > length ? `${text.slice(0, length - 1)}…` : text);
