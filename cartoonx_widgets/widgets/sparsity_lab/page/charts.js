// The charts over the number of coefficients: PSNR, SSIM and the sorted magnitudes, with one legend.

import { h } from "../../shared/page/dom.js";
import { phrase } from "../../shared/page/texts.js";
import { LinesLegend, LinesPanel } from "./lines.js";

export const BASES = { cosine: phrase("Cosine"), fourier: phrase("Fourier"), pixels: phrase("Pixels") };

const MOST_DECIBELS = 60; // where a curve ends: beyond it no eye sees a difference

export class LabCharts {
  constructor(t) {
    this.t = t;
    this.legend = new LinesLegend(t, () => this.redraw());
    const { hidden } = this.legend;
    this.psnr = new LinesPanel(t, {
      title: t("PSNR"),
      help: t("How near the picture from the k largest coefficients is, in decibels: higher is nearer."),
      axis: () => ({ range: [0, MOST_DECIBELS * 1.02], ticksuffix: " dB" }),
      unit: " dB",
      hidden,
    });
    this.ssim = new LinesPanel(t, {
      title: t("SSIM"),
      help: t("Structural similarity of the brightness: 1 is the picture itself."),
      axis: () => ({ range: [0, 1.03] }),
      hidden,
    });
    this.sizes = new LinesPanel(t, {
      title: t("Sorted magnitudes"),
      help: t(
        "All coefficients by size, on logarithmic axes. The thin lines are fitted; their slope is the decay rate in the legend.",
      ),
      axis: decades,
      hidden,
    });
    this.panels = [this.psnr, this.ssim, this.sizes];
    this.element = h(
      "div",
      {},
      this.legend.element,
      h("div", { class: "cx-charts" }, ...this.panels.map((panel) => panel.element)),
    );
    this.before = null; // the representation before, for comparison
  }

  /** Another picture or representation; its curves follow. */
  set(setup) {
    const { setup: old, t } = this;
    if (old && old.run !== setup.run) {
      const comparable = this.curves && old.photograph === setup.photograph;
      if (!comparable) this.before = null;
      else if (old.representation !== setup.representation) {
        const [line, decay, curve] = [old.lines, old.decays, this.curves].map(({ representation }) => representation);
        this.before = { name: t(old.representation), line, decay, curve };
      }
    }
    this.setup = setup;
    this.curves = null;
    this.most = Math.max(setup.n, setup.size[0] * setup.size[1]);
    return this.showSizes();
  }

  nameOf(key) {
    if (key === "before") return this.before.name;
    return key === "representation" ? this.t(this.setup.representation) : this.t(BASES[key]);
  }

  get keys() {
    return ["representation", ...Object.keys(BASES), ...(this.before ? ["before"] : [])];
  }

  showSizes() {
    const { t, setup } = this;
    const lines = this.keys.map((key) => {
      const { rank, magnitude } = key === "before" ? this.before.line : setup.lines[key];
      const { rate } = key === "before" ? this.before.decay : setup.decays[key];
      const more = rate === null ? "" : t("decay {rate}", { rate: rate.toFixed(2) });
      return { key, label: this.nameOf(key), more, x: rank, y: magnitude };
    });
    const fits = Object.entries(setup.decays)
      .filter(([, { rate }]) => rate !== null)
      .map(([key, { rate, scale, first, last }]) => ({
        key,
        x: [first, last],
        y: [first, last].map((rank) => scale * rank ** -rate),
      }));
    this.legend.update(lines);
    const rates = lines.map(({ label, more }) => `${label} ${more}`).join(", ");
    this.sizes.describe(t("Sorted magnitudes with their decay rates: {rates}.", { rates }));
    return this.sizes.update(lines, this.most, fits);
  }

  /** PSNR and SSIM over k, as far as they are known. */
  async showCurves(curves) {
    this.curves = curves;
    const line = (name, limit) => (key) => {
      const { k, [name]: values } = key === "before" ? this.before.curve : curves[key];
      return { key, label: this.nameOf(key), x: k, y: values.map((value) => Math.min(value ?? limit, limit)) };
    };
    this.psnr.describe(
      this.t("PSNR over the number of coefficients kept; the figures below the pictures are those of now."),
    );
    this.ssim.describe(
      this.t("SSIM over the number of coefficients kept; the figures below the pictures are those of now."),
    );
    await this.psnr.update(this.keys.map(line("psnr", MOST_DECIBELS)), this.most);
    await this.ssim.update(this.keys.map(line("ssim", 1)), this.most);
  }

  /** Move the cursors to a number of coefficients. */
  at(k) {
    this.panels.forEach((panel) => panel.at(k));
  }

  redraw() {
    this.panels.filter((panel) => panel.lines).forEach((panel) => panel.draw());
  }

  close() {
    this.panels.forEach((panel) => panel.close());
  }
}

/** A logarithmic axis from the largest magnitude down five decades: below is the rounding. */
function decades(lines) {
  const largest = Math.max(...lines.flatMap(({ y }) => y.filter((value) => value > 0)), 1e-6);
  const top = Math.ceil(Math.log10(largest) * 2) / 2;
  return { type: "log", range: [top - 5, top], exponentformat: "power", dtick: 1, tickfont: { size: 8.8 } };
}
