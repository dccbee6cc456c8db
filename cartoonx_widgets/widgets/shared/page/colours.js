// Colour maps, and colours as the pixels of a canvas hold them.

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

/**
 * An opaque pixel, whose bytes stand from red on in the memory of all browsers' machines.
 * @param {ArrayLike<number>} colour red, green and blue in 0 to 255
 */
export function pixel({ 0: red, 1: green, 2: blue }) {
  return ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}

/**
 * The pixels of 256 levels.
 * @param {(level: number) => ArrayLike<number>} colour red, green and blue of a level
 */
export const pixelTable = (colour) => Uint32Array.from({ length: 256 }, (_, level) => pixel(colour(level)));
