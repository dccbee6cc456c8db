// What a band is called, how much of it is kept, and the colour of its direction.

import { colourTable } from "../../shared/page/colours.js";
import { phrase } from "../../shared/page/texts.js";

/**
 * @import { Band } from "./messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export const ORIENTATIONS = [phrase("horizontal"), phrase("vertical"), phrase("diagonal")];

// Okabe and Ito's palette, which is safe for colour-blind readers; patterns and dashes repeat it.
/** @type {Record<string, string>} */
export const HUES = {
  horizontal: "#0072b2",
  vertical: "#d55e00",
  diagonal: "#009e73",
  lowpass: "#767676",
  pixels: "#767676",
};

/** @type {Record<string, string>} */
export const PATTERNS = { horizontal: "-", vertical: "|", diagonal: "/", lowpass: "", pixels: "" };

// The same colours for 0°, 45°, 90° and 135°, blended between them; 180° is 0° again.
const CYCLE = colourTable([HUES.horizontal, HUES.diagonal, HUES.vertical, "#cc79a7", HUES.horizontal]);

/**
 * The colour of a direction in degrees; grey without one.
 * @param {number | null} angle
 */
export function hueOf(angle) {
  if (angle === null) return HUES.lowpass;
  const index = 3 * Math.round((((angle + 180) % 180) / 180) * 255);
  return `rgb(${CYCLE.subarray(index, index + 3).join(", ")})`;
}

/**
 * Whether a band is named by its scale and an angle, not by its scale and a word.
 * @param {Pick<Band, "orientation">} band
 */
export const isAngled = (band) => /\d/.test(band.orientation);

// Bands that are named by a word; names such as "d1" are the same in all languages.
/** @type {Record<string, string>} */
const NAMES = { lowpass: phrase("lowpass"), pixels: phrase("pixels") };

/**
 * A band's name in the reader's language.
 * @param {Translator} t
 * @param {Pick<Band, "name">} band
 */
export const bandName = (t, { name }) => (name in NAMES ? t(NAMES[name]) : name);

/**
 * "d1: scale 1, diagonal" or "2 +45°: scale 2, edges at +45°".
 * @param {Translator} t
 * @param {Pick<Band, "name" | "scale" | "orientation">} band
 */
export function inWords(t, band) {
  if (band.orientation === "lowpass") return t("lowpass");
  if (band.orientation === "pixels") return t("pixel");
  const { name, scale, orientation } = band;
  return isAngled(band)
    ? t("{band}: scale {scale}, edges at {angle}", { band: name, scale, angle: orientation })
    : t("{band}: scale {scale}, {orientation}", { band: name, scale, orientation: t(orientation) });
}

/**
 * Mean mask value of a band, in [0, 1].
 * @param {ArrayLike<number>} levels of the mask, 0 to 255
 * @param {Pick<Band, "start" | "rows" | "columns">} band
 */
export function meanLevel(levels, band) {
  const end = band.start + band.rows * band.columns;
  let sum = 0;
  for (let i = band.start; i < end; i++) sum += levels[i];
  return sum / 255 / (end - band.start);
}
