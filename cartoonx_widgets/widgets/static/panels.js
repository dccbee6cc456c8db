// The six panels. Each draws into its own element with Plotly and knows nothing of the kernel.

const ORIENTATIONS = ["horizontal", "vertical", "diagonal"];
// Okabe and Ito's palette, which colour-blind readers can tell apart; patterns and dashes say the same again.
const HUES = { horizontal: "#0072b2", vertical: "#d55e00", diagonal: "#009e73", lowpass: "#767676" };
const PATTERNS = { horizontal: "-", vertical: "|", diagonal: "/", lowpass: "" };
const CURVES = [
  { name: "distortion", dash: "solid", color: "#0072b2" },
  { name: "l1", dash: "dash", color: "#d55e00" },
  { name: "loss", dash: "dot", color: "#767676" },
];
const CONFIG = { displaylogo: false, responsive: false, displayModeBar: false, doubleClick: "reset" };

/** A panel: a heading, what may stand beside it, and a plot with an alternative text. */
class Panel {
  constructor(Plotly, title, help, ...beside) {
    this.Plotly = Plotly;
    this.heading = h("h3", { title: help }, title);
    this.plot = h("div", { class: "cx-plot", role: "img", "aria-label": title });
    this.element = h("section", { class: "cx-panel" }, h("header", {}, this.heading, ...beside), this.plot);
    this.layout = {};
    this.traces = [];
  }

  /** The layout that all panels share, in the colours of the page around. */
  base() {
    const style = getComputedStyle(this.element);
    const ink = style.color;
    const line = style.getPropertyValue("--cx-line").trim() || "#cccccc";
    const axis = { color: ink, gridcolor: line, zerolinecolor: line, linecolor: line };
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

  draw() {
    const { axis, ...base } = this.base();
    const layout = this.compose(axis);
    return this.Plotly.react(this.plot, this.traces, { ...base, ...layout }, CONFIG);
  }

  describe(text) {
    this.plot.setAttribute("aria-label", text);
  }

  close() {
    this.Plotly.purge(this.plot);
  }
}

/** What the colours and patterns of bars mean; in HTML, where it wraps. */
const legend = (...names) =>
  h("div", { class: "cx-legend", "aria-hidden": "true" }, ...names.map((name) => h("span", { class: `cx-${name}` }, name)));

/** A picture, in square pixels. */
class PicturePanel extends Panel {
  constructor(...rest) {
    super(...rest);
    this.traces = [{ type: "image", source: null, hoverinfo: "skip", zsmooth: "fast" }];
  }

  compose() {
    const hidden = { visible: false, constrain: "domain", fixedrange: false };
    return { xaxis: { ...hidden }, yaxis: { ...hidden, scaleanchor: "x", autorange: "reversed" }, dragmode: "pan" };
  }

  show(source, description) {
    this.describe(description);
    if (source === this.traces[0].source) return null;
    this.traces[0] = { ...this.traces[0], source };
    return this.draw();
  }
}

/** The mask as a mosaic of bands; hover tells a coefficient, a click picks a band. */
class MosaicPanel extends PicturePanel {
  constructor(Plotly, pick) {
    super(
      Plotly,
      "Mask mosaic",
      "Bright: kept. Dark: replaced by noise. Top left the lowpass, around it each scale from coarse to fine. " +
        "Click a band to see what it alone contributes.",
    );
    this.pick = pick;
    this.choice = h("select", {
      class: "cx-small",
      "aria-label": "Band to see alone",
      title: "See what one band alone contributes",
      onchange: () => this.pick(this.choice.value === "" ? null : Number(this.choice.value)),
    });
    this.element.querySelector("header").append(this.choice);
    this.tip = h("div", { class: "cx-tip", hidden: true });
    this.element.append(this.tip);
    this.canvas = h("canvas");
    this.plot.addEventListener("pointermove", (event) => this.hover(event));
    this.plot.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.plot.addEventListener("click", (event) => {
      const place = this.at(event);
      if (place) this.pick(place.index);
    });
  }

  set(setup, coefficients) {
    this.bands = setup.bands;
    this.coefficients = coefficients;
    const bands = this.bands.map(({ name }, value) => h("option", { value }, name));
    this.choice.replaceChildren(h("option", { value: "" }, "all bands"), ...bands);
    [this.canvas.height, this.canvas.width] = setup.mosaic;
    this.table = colourTable(setup.colours);
    this.scale = setup.colours.map((colour, i) => [i / (setup.colours.length - 1), colour]);
    this.n = coefficients.length / 3;
  }

  update(levels, picked) {
    this.levels = levels;
    this.picked = picked;
    this.choice.value = picked ?? "";
    const context = this.canvas.getContext("2d");
    const picture = context.createImageData(this.canvas.width, this.canvas.height);
    for (const band of this.bands) {
      const [rows, columns] = band.shape;
      for (let row = 0, i = band.start; row < rows; row++) {
        let place = 4 * ((band.row + row) * this.canvas.width + band.column);
        for (let column = 0; column < columns; column++, i++, place += 4) {
          const colour = 3 * levels[i];
          picture.data[place] = this.table[colour];
          picture.data[place + 1] = this.table[colour + 1];
          picture.data[place + 2] = this.table[colour + 2];
          picture.data[place + 3] = 255;
        }
      }
    }
    context.putImageData(picture, 0, 0);
    const kept = this.bands.map((band) => `${band.name} ${percent(meanLevel(levels, band))}`).join(", ");
    this.traces[0].source = null; // the band picked may have changed where the mask has not
    return this.show(this.canvas.toDataURL(), `The mask as a mosaic of bands. Share kept: ${kept}.`);
  }

  compose(axis) {
    const layout = super.compose(axis);
    if (!this.bands) return layout;
    this.traces[0].zsmooth = false;
    this.traces[1] = {
      type: "scatter",
      x: [null],
      y: [null],
      mode: "markers",
      hoverinfo: "skip",
      marker: {
        cmin: 0,
        cmax: 1,
        color: [0],
        colorscale: this.scale,
        showscale: true,
        colorbar: { thickness: 8, len: 0.9, x: 1, xpad: 2, outlinewidth: 0, tickvals: [0, 0.5, 1], tickfont: { size: 10 } },
      },
    };
    // Bands too small for a name are told by hovering.
    const named = this.bands.filter((band) => band.shape[1] > 0.1 * this.canvas.width);
    layout.annotations = named.map((band) => ({
      text: band.name,
      x: band.column + 1,
      y: band.row + 1,
      xanchor: "left",
      yanchor: "top",
      showarrow: false,
      borderpad: 1,
      bgcolor: "rgba(0,0,0,0.55)",
      font: { color: "#ffffff", size: 10 },
    }));
    const band = this.bands[this.picked];
    layout.shapes = band
      ? [
          {
            type: "rect",
            x0: band.column - 1,
            y0: band.row - 1,
            x1: band.column + band.shape[1],
            y1: band.row + band.shape[0],
            line: { color: "#56b4e9", width: 2 },
          },
        ]
      : [];
    // Each scale is named on the margins, where the coarse ones have no room for names of their own.
    const ticks = (start, side) => {
      const scales = this.bands.filter((band) => band.orientation === "diagonal");
      return {
        ...axis,
        visible: true,
        showgrid: false,
        zeroline: false,
        showline: false,
        constrain: "domain",
        tickvals: scales.map((band) => band[start] + band.shape[start === "row" ? 0 : 1] / 2),
        ticktext: scales.map((band) => String(band.scale)),
        tickfont: { size: 9 },
        tickangle: 0,
        side,
      };
    };
    layout.xaxis = { ...ticks("column", "top"), range: [-0.5, this.canvas.width - 0.5] };
    layout.yaxis = { ...ticks("row", "left"), scaleanchor: "x", range: [this.canvas.height - 0.5, -0.5] };
    layout.margin = { l: 18, r: 34, t: 18, b: 2 };
    return layout;
  }

  /** The coefficient under the pointer, or null between the bands. */
  at(event) {
    const { xaxis, yaxis } = this.plot._fullLayout ?? {};
    if (!xaxis || !this.bands) return null;
    const box = this.plot.getBoundingClientRect();
    const column = Math.round(xaxis.p2d(event.clientX - box.left - xaxis._offset));
    const row = Math.round(yaxis.p2d(event.clientY - box.top - yaxis._offset));
    const index = this.bands.findIndex(
      (band) =>
        row >= band.row && row < band.row + band.shape[0] && column >= band.column && column < band.column + band.shape[1],
    );
    if (index < 0) return null;
    const band = this.bands[index];
    const [r, c] = [row - band.row, column - band.column];
    return { index, band, row: r, column: c, i: band.start + r * band.shape[1] + c };
  }

  hover(event) {
    const place = this.at(event);
    this.tip.hidden = !place || !this.levels;
    if (this.tip.hidden) return;
    const { band, row, column, i } = place;
    const rgb = [0, 1, 2].map((c) => this.coefficients[c * this.n + i].toFixed(2)).join(", ");
    this.tip.replaceChildren(
      h("b", {}, `${band.name}: scale ${band.scale}, ${band.orientation}`),
      h("div", {}, `row ${row}, column ${column}`),
      h("div", {}, `mask ${(this.levels[i] / 255).toFixed(2)}`),
      h("div", {}, `coefficient, red green blue: ${rgb}`),
    );
    const box = this.element.getBoundingClientRect();
    const left = Math.min(event.clientX - box.left + 12, box.width - this.tip.offsetWidth - 4);
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${event.clientY - box.top + 14}px`;
  }
}

const meanLevel = (levels, band) => {
  const end = band.start + band.shape[0] * band.shape[1];
  let sum = 0;
  for (let i = band.start; i < end; i++) sum += levels[i];
  return sum / 255 / (end - band.start);
};

/** What share of each scale and orientation is kept; a click picks a band. */
class SharePanel extends Panel {
  constructor(Plotly, pick) {
    super(
      Plotly,
      "Share kept of each band",
      "Mean mask value of each scale and orientation; scale 1 is the finest. Click a bar to see what its band " +
        "alone contributes.",
    );
    this.pick = pick;
    this.plot.before(legend("lowpass", ...ORIENTATIONS));
  }

  set(setup) {
    this.bands = setup.bands;
    const groups = ["lowpass", ...ORIENTATIONS];
    this.traces = groups.map((orientation) => {
      const indices = this.bands.flatMap((band, i) => (band.orientation === orientation ? [i] : []));
      return {
        type: "bar",
        name: orientation,
        customdata: indices,
        x: indices.map((i) => (orientation === "lowpass" ? "low" : String(this.bands[i].scale))),
        y: indices.map(() => 1),
        // Wide enough to stand in the middle of its own place: no other orientation shares it.
        width: orientation === "lowpass" ? 0.5 : undefined,
        offset: orientation === "lowpass" ? -0.25 : undefined,
        marker: {
          color: HUES[orientation],
          pattern: { shape: PATTERNS[orientation], fillmode: "overlay", fgcolor: "#ffffff", size: 6, solidity: 0.2 },
        },
        hovertemplate: `${orientation}, scale %{x}: %{text}<extra></extra>`,
        textposition: "none",
      };
    });
  }

  update(levels) {
    this.traces = this.traces.map((trace) => {
      const shares = trace.customdata.map((i) => meanLevel(levels, this.bands[i]));
      return { ...trace, y: shares, text: shares.map(percent) };
    });
    const text = this.bands.map((band) => `${band.name} ${percent(meanLevel(levels, band))}`).join(", ");
    this.describe(`Share kept of each band: ${text}.`);
    return this.draw().then(() => this.listen());
  }

  listen() {
    if (this.listening) return;
    this.listening = true;
    this.plot.on("plotly_click", ({ points }) => this.pick(points[0].data.customdata[points[0].pointIndex]));
  }

  compose(axis) {
    const scales = [...new Set(this.traces.flatMap((trace) => trace.x ?? []))];
    return {
      margin: { l: 44, r: 8, t: 6, b: 34 },
      barmode: "group",
      bargap: 0.25,
      xaxis: {
        ...axis,
        type: "category",
        categoryarray: scales,
        title: { text: "scale, coarse to fine", standoff: 4 },
        fixedrange: true,
      },
      yaxis: { ...axis, tickformat: ".0%", rangemode: "tozero", range: this.range(), fixedrange: true },
      dragmode: false,
    };
  }

  /** From 0 to a round value above the highest bar, so that the axis does not dance with every frame. */
  range() {
    const highest = Math.max(0.001, ...this.traces.flatMap((trace) => trace.y ?? []));
    return [0, [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((top) => highest <= top) * 1.04];
  }
}

/** Distortion, l1 and loss over the steps, linear or logarithmic. */
class CurvesPanel extends Panel {
  constructor(Plotly) {
    const log = h(
      "button",
      {
        class: "cx-small",
        "aria-pressed": "true",
        title: "Logarithmic or linear axis",
        onclick: () => {
          this.log = !this.log;
          log.setAttribute("aria-pressed", String(this.log));
          this.draw();
        },
      },
      "log",
    );
    super(
      Plotly,
      "Distortion, l1 and loss",
      "Distortion: how far the class's probability is from its aim. l1: mean mask value. " +
        "Loss: distortion + lambda × l1. Drag to zoom, double-click to see all.",
      log,
    );
    this.log = true;
    this.steps = 1;
    this.set();
  }

  set() {
    this.cursor = null;
    this.traces = CURVES.map(({ name, dash, color }) => ({
      type: "scatter",
      mode: "lines",
      name,
      x: [],
      y: [],
      line: { dash, color, width: 2 },
      hovertemplate: `step %{x}: ${name} %{y:.3g}<extra></extra>`,
    }));
  }

  /** `values`: rows of steps, distortion, l1 and loss; `cursor`: the step shown, or null for the newest. */
  update(values, cursor, steps) {
    const count = values.length / (CURVES.length + 1);
    const row = (i) => Array.from(values.subarray(i * count, (i + 1) * count));
    this.steps = Math.max(steps, count);
    this.cursor = cursor;
    this.traces = this.traces.map((trace, i) => ({ ...trace, x: row(0), y: row(i + 1) }));
    const last = (i) => (count ? this.traces[i].y[count - 1].toPrecision(3) : "none yet");
    this.describe(`Curves over the steps. Newest: distortion ${last(0)}, l1 ${last(1)}, loss ${last(2)}.`);
    return this.draw();
  }

  compose(axis) {
    const line = { type: "line", x0: this.cursor, x1: this.cursor, yref: "paper", y0: 0, y1: 1 };
    return {
      margin: { l: 44, r: 8, t: 22, b: 34 },
      showlegend: true,
      legend: { orientation: "h", x: 0, y: 1.14, font: { size: 10 } },
      xaxis: { ...axis, title: { text: "step", standoff: 4 }, range: [0, this.steps] },
      yaxis: {
        ...axis,
        type: this.log ? "log" : "linear",
        autorange: true,
        exponentformat: "power",
        dtick: this.log ? 1 : undefined,
      },
      shapes: this.cursor === null ? [] : [{ ...line, line: { color: axis.color, width: 1, dash: "dot" } }],
      dragmode: "zoom",
      hovermode: "closest",
    };
  }
}

/** The class probabilities of photograph and cartoon. */
class ProbabilityPanel extends Panel {
  constructor(Plotly) {
    super(
      Plotly,
      "Class probabilities",
      "The classes that are most probable for the photograph or the cartoon; the explained one is marked.",
    );
    this.rows = [];
    this.plot.before(legend("photograph", "cartoon"));
  }

  update(rows, target) {
    this.rows = rows;
    const mark = (row) => (row.label === target ? "▸ " : "") + shortened(row.label);
    const bars = (name, color, shape) => ({
      type: "bar",
      orientation: "h",
      name,
      y: rows.map((_, i) => i),
      x: rows.map((row) => row[name]),
      text: rows.map((row) => row[name].toFixed(2)),
      customdata: rows.map((row) => escaped(row.label)),
      textposition: "outside",
      cliponaxis: false,
      marker: { color, pattern: { shape, fillmode: "overlay", fgcolor: "#ffffff", size: 5, solidity: 0.2 } },
      hovertemplate: `%{customdata}<br>${name} %{x:.3f}<extra></extra>`,
    });
    this.traces = [bars("photograph", "#767676", ""), bars("cartoon", "#d55e00", "/")];
    this.names = rows.map((row) => escaped(mark(row)));
    const text = rows.map((row) => `${row.label} ${row.photograph.toFixed(2)}, ${row.cartoon.toFixed(2)}`);
    this.describe(`Probability for the photograph and for the cartoon: ${text.join("; ")}.`);
    return this.draw();
  }

  compose(axis) {
    return {
      margin: { l: 132, r: 30, t: 6, b: 22 },
      barmode: "group",
      bargap: 0.3,
      xaxis: { ...axis, range: [0, 1], tickvals: [0, 0.5, 1], fixedrange: true },
      yaxis: {
        ...axis,
        tickvals: this.rows.map((_, i) => i),
        ticktext: this.names,
        range: [this.rows.length - 0.5, -0.5],
        fixedrange: true,
      },
      dragmode: false,
    };
  }
}

const shortened = (label) => (label.length > 22 ? `${label.slice(0, 21)}…` : label);

// Plotly reads a little HTML in its texts.
const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
