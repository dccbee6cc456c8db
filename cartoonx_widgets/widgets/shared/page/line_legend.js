// A piece of a line, as legends show it.

import { svg } from "./svg.js";

/**
 * A piece of a line as a curve has it.
 * @param {{ dash: string, color: string }} style `dash` as SVG has it; "solid" or "" for none
 * @param {number} thickness in pixels
 * @param {number} margin at both of its ends, in pixels
 */
export function sample({ dash, color }, thickness = 2, margin = 0) {
  const end = 24 + margin;
  const stroke = { stroke: color, "stroke-width": thickness };
  const dashes = { "stroke-dasharray": dash === "solid" || !dash ? "none" : dash };
  return svg(
    "svg",
    { width: end + margin, height: 8, "aria-hidden": "true" },
    svg("line", { x1: margin, x2: end, y1: 4, y2: 4, ...stroke, ...dashes }),
  );
}
