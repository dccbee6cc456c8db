// What a panel is. Each draws into its own element with Plotly and knows nothing of the kernel.

import { h } from "./dom.js";
import { Drawings } from "./drawings.js";
import { plotlyNow } from "./plotly.js";
import { plain } from "./theme.js";

const CONFIG = { displaylogo: false, responsive: false, displayModeBar: false, doubleClick: "reset" };

/** @import { Layout, Plot, Plotly, Trace } from "./plotly.d.ts" */
/** @import { Translator } from "./types.d.ts" */

/** A panel: a heading, what may stand beside it, and a plot with an alternative text. */
export class Panel {
  drawings = new Drawings((library) => this.drawNow(library));
  /** @type {[event: string, handler: (event: any) => void][]} listeners that wait for the first drawing */
  listeners = [];
  /** @type {Trace[]} */
  traces = [];
  /** Whether its margins have room for all labels of ticks; else each is measured, and one that is cut is hidden. */
  roomy = false;

  /**
   * @param {Translator} t
   * @param {string} title
   * @param {string} help
   * @param {(Node | string)[]} beside what stands beside the heading
   */
  constructor(t, title, help, ...beside) {
    this.t = t;
    this.heading = h("h3", { title: help }, title);
    const plot = h("div", { class: "cx-plot", role: "img", "aria-label": title });
    this.plot = /** @type {Plot} */ (plot);
    this.header = h("header", {}, this.heading, ...beside);
    this.element = h("section", { class: "cx-panel" }, this.header, this.plot);
  }

  /** The layout that all panels share, in the colours of the page around. */
  base() {
    const style = getComputedStyle(this.element);
    const [ink, line] = [plain(style.color), plain(style.borderTopColor)];
    const ticklabeloverflow = this.roomy ? "allow" : undefined;
    const axis = { color: ink, gridcolor: line, zerolinecolor: line, linecolor: line, ticklabeloverflow };
    return {
      width: Math.max(160, this.plot.clientWidth),
      height: Math.max(140, this.plot.clientHeight),
      margin: { l: 4, r: 4, t: 4, b: 4 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: ink, size: 11, family: style.fontFamily },
      showlegend: false,
      uirevision: "kept", // zoom and hidden curves survive updates
      axis,
    };
  }

  /** Draw what there is to see, once plotly.js is here. Resolves when it has been drawn. */
  draw() {
    return this.drawings.ask();
  }

  /** @protected @param {Plotly} library */
  async drawNow(library) {
    const { axis, ...base } = this.base();
    const layout = this.compose(axis);
    await library.react(this.plot, this.traces, { ...base, ...layout }, CONFIG);
    for (const [event, handler] of this.listeners.splice(0)) this.plot.on(event, handler);
  }

  /**
   * What the layout has beyond what all panels share; each kind of panel has its own.
   * @param {Layout} _axis the look of an axis
   * @returns {Layout}
   */
  compose(_axis) {
    return {};
  }

  /**
   * Listen to an event of the plot, from its first drawing on.
   * @param {string} event
   * @param {(event: any) => void} handler
   */
  onPlot(event, handler) {
    this.listeners.push([event, handler]);
  }

  /** @param {string} text what the plot shows */
  describe(text) {
    this.plot.setAttribute("aria-label", text);
  }

  /** End it; a drawing under way goes to its end first, which Plotly needs. */
  async close() {
    await this.drawings.end();
    plotlyNow()?.purge(this.plot);
  }
}

/**
 * What the colours and patterns of bars mean; in HTML, where it wraps.
 * @param {Translator} t
 * @param {string[]} names
 */
export const legend = (t, ...names) =>
  h(
    "div",
    { class: "cx-legend", "aria-hidden": "true" },
    ...names.map((name) => h("span", { class: `cx-${name}` }, t(name))),
  );
