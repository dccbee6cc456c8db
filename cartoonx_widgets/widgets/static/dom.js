// Small helpers for building a page. Text goes in as text nodes, so labels and file names need no escaping.

/** An element with attributes ("onclick" and the like are listeners) and children (elements or strings). */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The outermost element of a widget, from which no key reaches JupyterLab's commands. */
function region(t, { class: name, ...attributes }, ...children) {
  const shielded = {
    // Some commands ask only the element that has the focus.
    "data-lm-suppress-shortcuts": "true",
    onfocusin: ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"),
  };
  const lang = t("en"); // the translation is the code of the other language
  return h("div", { class: `cx-widget ${name}`, role: "region", tabindex: "-1", lang, ...shielded, ...attributes }, ...children);
}

/** Call `redraw` when the element gets another width, or JupyterLab another theme; what it returns ends that. */
function follow(element, redraw) {
  let width = 0; // a change of height is our own doing
  const resized = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width !== width) redraw();
    width = contentRect.width;
  });
  resized.observe(element);
  // JupyterLab hides the page while it changes its theme.
  const themed = new MutationObserver(() => requestAnimationFrame(redraw));
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  return () => {
    resized.disconnect();
    themed.disconnect();
  };
}

/** Resolves when what was drawn just now has been painted; a hidden page paints nothing, and goes on all the same. */
const painted = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 500);
    requestAnimationFrame(() => setTimeout(resolve));
  });

const percent = (share) =>
  share > 0 && share < 0.0995 ? `${(100 * share).toFixed(1)} %` : `${Math.round(100 * share)} %`;

const seconds = (s) => (s < 90 ? `${Math.ceil(s)} s` : `${Math.round(s / 60)} min`);

/** A data URL of encoded picture bytes (a DataView, as widget messages carry them). */
function dataUrl(view, type) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return `data:${type};base64,${btoa(text)}`;
}

/** The numbers in a message's buffer; copied where they do not start at a multiple of their size. */
function numbers(view, Type) {
  const { buffer, byteOffset, byteLength } = view;
  return new Type(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** Colours 0..255 between the anchors of a colour map, as a flat [r, g, b, r, g, b, ...]. */
function colourTable(anchors) {
  const rgb = anchors.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const place = (i / 255) * (rgb.length - 1);
    const below = Math.min(Math.floor(place), rgb.length - 2);
    for (let c = 0; c < 3; c++) {
      table[3 * i + c] = Math.round(rgb[below][c] + (place - below) * (rgb[below + 1][c] - rgb[below][c]));
    }
  }
  return table;
}
