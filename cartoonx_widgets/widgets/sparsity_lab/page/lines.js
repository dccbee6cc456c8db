// Lines over the number of coefficients, on a logarithmic axis, with a cursor at the number of now.

import { h } from "../../shared/page/dom.js";
import { sample } from "../../shared/page/line_legend.js";
import { Panel } from "../../shared/page/panel.js";

const LOOKS = {
  representation: { color: "#0072b2", dash: "solid" },
  cosine: { color: "#009e73", dash: "9px,3px" },
  fourier: { color: "#d55e00", dash: "3px,3px" },
  pixels: { color: "#767676", dash: "9px,3px,3px,3px" },
  before: { color: "#cc79a7", dash: "2px,5px" },
};

/** What the lines of all charts mean: a press shows or hides one in each of them. */
export class LinesLegend {
  constructor(t, changed) {
    this.t = t;
    this.changed = changed;
    this.hidden = new Set();
    this.element = h("div", { class: "cx-legend cx-shared" });
  }

  /** `lines`: [{ key, label, more }]. */
  update(lines) {
    this.buttons = lines.map(({ key, label, more }) => {
      const toggle = () => {
        if (!this.hidden.delete(key)) this.hidden.add(key);
        this.mark();
        this.changed();
      };
      const title = this.t("Show or hide the curve of {name}", { name: label });
      const tail = more ? h("small", { class: "cx-caption" }, more) : null;
      return h("button", { title, "data-key": key, onclick: toggle }, sample(LOOKS[key]), label, tail);
    });
    this.element.replaceChildren(...this.buttons);
    this.mark();
  }

  mark() {
    this.buttons.forEach((button) => button.setAttribute("aria-pressed", String(!this.hidden.has(button.dataset.key))));
  }
}

export class LinesPanel extends Panel {
  /** `axis`: the vertical axis of some lines; `unit` follows a value that is hovered; `hidden`: keys of lines. */
  constructor(t, { title, help, axis, unit = "", hidden }) {
    super(t, title, help);
    this.vertical = axis;
    this.unit = unit;
    this.hidden = hidden;
    this.mark = h("div", { class: "cx-cursor", hidden: true });
    this.element.append(this.mark);
  }

  /** `lines`: [{ key, label, x, y }]; `most`: the end of the axis; `fits`: lines fitted to them, [{ key, x, y }]. */
  update(lines, most, fits = []) {
    Object.assign(this, { lines, most, fits });
    return this.draw();
  }

  compose(axis) {
    const seen = this.lines.filter(({ key }) => !this.hidden.has(key));
    const fits = this.fits.filter(({ key }) => !this.hidden.has(key));
    this.traces = [
      ...seen.map(({ key, label, x, y }) => ({
        type: "scatter",
        mode: "lines",
        name: label,
        x,
        y,
        line: { ...LOOKS[key], width: key === "representation" ? 2.5 : 2 },
        hovertemplate: `k = %{x}: ${this.safe(label)} %{y:.4~g}${this.unit}<extra></extra>`,
      })),
      ...fits.map(({ key, x, y }) => ({
        type: "scatter",
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

  /** A name may come from a user; Plotly reads some tags in what it shows. */
  safe(text) {
    return text.replaceAll("<", "&lt;").replaceAll("%{", "% {");
  }

  draw() {
    return super.draw().then(() => {
      if (!this.listening) this.plot.on("plotly_relayout", () => this.place());
      this.listening = true;
      this.place();
    });
  }

  /** Move the cursor; nothing else is drawn again. */
  at(k) {
    this.k = k;
    this.place();
  }

  place() {
    const { xaxis, yaxis } = this.plot._fullLayout ?? {};
    const left = xaxis && this.k > 0 ? xaxis.d2p(this.k) : NaN;
    this.mark.hidden = !(left >= 0 && left <= xaxis?._length);
    if (this.mark.hidden) return;
    this.mark.style.left = `${this.plot.offsetLeft + xaxis._offset + left}px`;
    this.mark.style.top = `${this.plot.offsetTop + yaxis._offset}px`;
    this.mark.style.height = `${yaxis._length}px`;
  }
}
