// How numbers and names are written.

export const percent = (share) =>
  share > 0 && share < 0.0995 ? `${(100 * share).toFixed(1)} %` : `${Math.round(100 * share)} %`;

export const seconds = (s) => (s < 90 ? `${Math.ceil(s)} s` : `${Math.round(s / 60)} min`);

/** "65 536": figures in groups of three, as all languages read them. */
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

export const brief = (x) => (x === 0 || Math.abs(x) >= 0.1 ? x.toFixed(2) : Number(x.toPrecision(2)).toString());

export const shortened = (label) => (label.length > 22 ? `${label.slice(0, 21)}…` : label);

// Plotly reads a little HTML in its texts.
export const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
