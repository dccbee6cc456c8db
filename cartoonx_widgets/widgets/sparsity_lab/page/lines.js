// Lines over the number of coefficients, on a logarithmic axis, with a cursor at the number of now.

import { LINE_STYLES } from "./lines_legend.js";
import { h } from "../../shared/page/dom.js";
import { escaped } from "../../shared/page/format.js";
import { Panel } from "../../shared/page/panel.js";

/**
 * @import { Plotly } from "../../shared/page/plotly.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * A line by the key of its style; null where a value is 0, which a logarithmic axis does not have.
 * @typedef {{ key: string, x: number[], y: (number | null)[] }} Fit
 *
 * @typedef {Fit & { label: string }} Line
 */

export class LinesPanel extends Panel {
  /** @type {Line[]} */
  lines = [];
  /** @type {Fit[]} */
  fits = [];
  most = 1;
  k = 0;

  /**
   * @param {Translator} t
   * @param {object} kind
   * @param {string} kind.title
   * @param {string} kind.help
   * @param {(lines: Line[]) => object} kind.axis the vertical axis of some lines
   * @param {string} [kind.unit] follows a value that is hovered
   * @param {Set<string>} kind.hidden keys of lines
   */
  constructor(t, { title, help, axis, unit = "", hidden }) {
    super(t, title, help);
    this.vertical = axis;
    this.unit = unit;
    this.hidden = hidden;
    this.mark = h("div", { class: "cx-cursor", hidden: true });
    this.element.append(this.mark);
    this.onPlot("plotly_relayout", () => this.place());
  }

  /**
   * @param {Line[]} lines
   * @param {number} most the end of the axis
   * @param {Fit[]} fits lines that were fitted to them
   */
  update(lines, most, fits = []) {
    this.lines = lines;
    this.most = most;
    this.fits = fits;
    return this.draw();
  }

  /** @param {ReturnType<Panel["base"]>["axis"]} axis */
  compose(axis) {
    const seen = this.lines.filter(({ key }) => !this.hidden.has(key));
    const fits = this.fits.filter(({ key }) => !this.hidden.has(key));
    this.traces = [
      ...seen.map(({ key, label, x, y }) => ({
        type: /** @type {const} */ ("scatter"),
        mode: "lines",
        name: label,
        x,
        y,
        line: { ...LINE_STYLES[key], width: key === "representation" ? 2.5 : 2 },
        hovertemplate: `k = %{x}: ${hoverText(label)} %{y:.4~g}${this.unit}<extra></extra>`,
      })),
      ...fits.map(({ key, x, y }) => ({
        type: /** @type {const} */ ("scatter"),
        mode: "lines",
        name: `${key}, fitted`,
        x,
        y,
        hoverinfo: "skip",
        line: { color: axis.color, width: 1 },
      })),
    ];
    return {
      margin: { l: 44, r: 12, t: 6, b: 34 },
      xaxis: {
        ...axis,
        type: "log",
        range: [0, Math.log10(this.most)],
        dtick: this.most > 1e5 ? 2 : 1,
        title: { text: this.t("coefficients kept, k"), standoff: 4 },
        zeroline: false,
      },
      yaxis: { ...axis, zeroline: false, ...this.vertical(this.lines) },
      dragmode: "zoom",
      hovermode: "closest",
    };
  }

  /** @protected @param {Plotly} library */
  async drawNow(library) {
    await super.drawNow(library);
    this.place();
  }

  /**
   * Move the cursor; nothing else is drawn again.
   * @param {number} k coefficients
   */
  at(k) {
    this.k = k;
    this.place();
  }

  place() {
    const { xaxis, yaxis } = this.plot._fullLayout ?? {};
    if (!xaxis || !yaxis) return;
    const left = this.k > 0 ? xaxis.d2p(this.k) : NaN;
    this.mark.hidden = !(left >= 0 && left <= xaxis._length);
    if (this.mark.hidden) return;
    this.mark.style.left = `${this.plot.offsetLeft + xaxis._offset + left}px`;
    this.mark.style.top = `${this.plot.offsetTop + yaxis._offset}px`;
    this.mark.style.height = `${yaxis._length}px`;
  }
}

/**
 * A name, which may come from a user, in what Plotly shows when a line is hovered: it reads some tags there, and puts
 * values in the places of "%{...}".
 * @param {string} name
 */
export const hoverText = (name) => escaped(name).replaceAll("%{", "% {");
