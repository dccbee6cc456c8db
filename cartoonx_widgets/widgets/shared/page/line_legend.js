// A piece of a line, as legends show it.

import { svg } from "./svg.js";

/**
 * A piece of a line as a curve has it.
 * @param {{ dash: string, color: string }} style `dash` as SVG has it, or "solid"
 */
export function sample({ dash, color }) {
  const look = { stroke: color, "stroke-width": 2, "stroke-dasharray": dash === "solid" ? "none" : dash };
  return svg(
    "svg",
    { width: 24, height: 8, "aria-hidden": "true" },
    svg("line", { x1: 0, x2: 24, y1: 4, y2: 4, ...look }),
  );
}
