// Small helpers for building a page. Text goes in as text nodes, so labels and file names need no escaping.

import { takeColours, watchTheme } from "./theme.js";

/** @import { Translator } from "./types.d.ts" */

/**
 * An element with attributes ("onclick" and the like are listeners) and children (elements or strings).
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes]
 * @param {(Node | string | null)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/**
 * Controls that belong together.
 * @param {(Node | string)[]} children
 */
export const group = (...children) => h("div", { class: "cx-group" }, ...children);

/**
 * What is written before controls that have names of their own.
 * @param {(Node | string)[]} children
 */
export const caption = (...children) => h("span", { class: "cx-caption", "aria-hidden": "true" }, ...children);

/**
 * A button with a tooltip, which is its name too.
 * @param {string} text
 * @param {string} title
 * @param {() => void} onclick
 */
export const button = (text, title, onclick) => h("button", { title, onclick, "aria-label": title }, text);

/**
 * The outermost element of a widget, from which no key reaches JupyterLab's commands.
 * @param {Translator} t
 * @param {{ class: string, [attribute: string]: any }} attributes
 * @param {(Node | string | null)[]} children
 */
export function region(t, { class: name, ...attributes }, ...children) {
  const shielded = {
    // Some commands ask only the element that has the focus.
    "data-lm-suppress-shortcuts": "true",
    onfocusin: (/** @type {any} */ { target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"),
  };
  const lang = t("en"); // the translation is the code of the other language
  return h(
    "div",
    { class: `cx-widget ${name}`, role: "region", tabindex: "-1", lang, ...shielded, ...attributes },
    ...children,
  );
}

/**
 * Call `redraw` when a widget gets another width, or the page around it another theme; what it returns ends that.
 * @param {HTMLElement} root of the widget
 * @param {() => void} redraw
 */
export function follow(root, redraw) {
  let width = root.clientWidth; // 0 before it is in its place; a change of height is our own doing
  let colours = takeColours(root);
  let unwatch = watchTheme(root, look);
  function look() {
    const before = colours;
    colours = takeColours(root);
    if (colours !== before) redraw();
  }
  const resized = new ResizeObserver(() => {
    const before = width;
    width = root.clientWidth;
    if (width === before) return;
    if (!before) { // only now it may be in its place
      unwatch();
      unwatch = watchTheme(root, look);
      colours = takeColours(root);
    }
    redraw();
  });
  resized.observe(root);
  return () => {
    resized.disconnect();
    unwatch();
  };
}

/**
 * Resolves when what was drawn just now has been painted; a hidden page paints nothing, and goes on all the same.
 * @returns {Promise<void>}
 */
export const painted = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 500);
    requestAnimationFrame(() => setTimeout(resolve));
  });
