// SVG elements.

/**
 * An element of an SVG picture.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * A box that shows on bright and on dark ground.
 * @param {{ x: number, y: number, width: number, height: number }} box
 */
export const outlined = (box) => ["cx-halo", "cx-line"].map((name) => svg("rect", { class: name, ...box }));
