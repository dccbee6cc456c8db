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
