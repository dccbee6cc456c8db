// The colours of the mosaic's cells, as the pixels of a canvas hold them.

import { colourTable, pixel, pixelTable } from "../../shared/page/colours.js";

const DROPPED = 0.3; // how bright a coefficient is that is not kept

const COVERING = { kept: "#56b4e9", dropped: "#2f6d93" };

/**
 * Pixels of levels 0 to 255, and those of bands that are off.
 * @param {string[]} colours from 0 to 1
 */
export function pixelTables(colours) {
  const rgb = colourTable(colours);
  /** @param {string} hex */
  const shaded = (hex) => {
    const full = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
    return pixelTable((level) => full.map((part) => part * (0.35 + (0.65 * level) / 255)));
  };
  return {
    colour: pixelTable((level) => rgb.subarray(3 * level, 3 * level + 3)),
    grey: pixelTable((level) => [level, level, level]),
    dim: pixelTable((level) => Array(3).fill(28 + DROPPED * level)),
    covers: shaded(COVERING.kept),
    coversDropped: shaded(COVERING.dropped),
    off: pixel([64, 64, 64]),
    hatch: pixel([110, 110, 110]),
  };
}
