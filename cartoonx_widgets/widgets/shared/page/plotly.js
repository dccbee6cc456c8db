// plotly.js, which all panels of a page share.

// Reading the library takes a second: that is done when the first panel is drawn, once for all widgets of a page.
export const plotly = () => (globalThis.cartoonxPlotly ??= loadModule(plotlyText));

let plotlyText = "";

/** Say what plotly.js is, before the first panel is drawn. */
export function usePlotly(text) {
  plotlyText = text;
}

/** What a module that is here as text exports by default. */
async function loadModule(source) {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}
