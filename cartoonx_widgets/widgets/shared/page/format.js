// How numbers and names are written.

/**
 * A share of 1 in percent, with a decimal below 10.
 * @param {number} share
 */
export const percent = (share) =>
  share > 0 && share < 0.0995 ? `${(100 * share).toFixed(1)} %` : `${Math.round(100 * share)} %`;

/**
 * A time in whole seconds, or in minutes where it is long.
 * @param {number} s
 */
export const seconds = (s) => (s < 90 ? `${Math.ceil(s)} s` : `${Math.round(s / 60)} min`);

/**
 * "65 536": figures in groups of three, as all languages read them.
 * @param {number | string} number
 */
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/**
 * A number in two or three figures.
 * @param {number} x
 */
export const brief = (x) => (x === 0 || Math.abs(x) >= 0.1 ? x.toFixed(2) : Number(x.toPrecision(2)).toString());

/**
 * A label of no more than so many characters.
 * @param {string} label
 * @param {number} most
 */
export const shortened = (label, most = 22) => (label.length > most ? `${label.slice(0, most - 1)}…` : label);

/**
 * A text as Plotly shows it, which reads a little HTML in its texts.
 * @param {string} text
 */
export const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
