// A piece of a line, as legends show it.

/** A piece of a line as a curve has it. */
export function sample({ dash, color }) {
  const part = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const picture = part("svg", { width: 24, height: 8, "aria-hidden": "true" });
  const look = { stroke: color, "stroke-width": 2, "stroke-dasharray": dash === "solid" ? "none" : dash };
  picture.append(part("line", { x1: 0, x2: 24, y1: 4, y2: 4, ...look }));
  return picture;
}
