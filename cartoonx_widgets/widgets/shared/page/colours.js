// Colour maps.

/**
 * Colours 0..255 between the anchors of a colour map, as a flat [r, g, b, r, g, b, ...].
 * @param {readonly string[]} anchors such as "#0072b2"
 */
export function colourTable(anchors) {
  const rgb = anchors.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const position = (i / 255) * (rgb.length - 1);
    const below = Math.min(Math.floor(position), rgb.length - 2);
    for (let c = 0; c < 3; c++) {
      table[3 * i + c] = Math.round(rgb[below][c] + (position - below) * (rgb[below + 1][c] - rgb[below][c]));
    }
  }
  return table;
}
