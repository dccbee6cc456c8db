// What share of each band is kept, as bars; a click picks a band.

import { bandName, hueOf, HUES, meanLevel, ORIENTATIONS, PATTERNS } from "./bands.js";
import { h } from "../../shared/page/dom.js";
import { percent } from "../../shared/page/format.js";
import { legend, Panel } from "../../shared/page/panel.js";

/**
 * @import { Band } from "./messages.d.ts"
 * @import { Layout, Trace } from "../../shared/page/plotly.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class SharePanel extends Panel {
  roomy = true;
  /** @type {Band[]} */
  bands = [];
  directional = false;
  /** @type {Layout} */
  xaxis = {};
  /** How many bars the directional axis has room for. */
  positions = 1;

  /**
   * @param {Translator} t
   * @param {(index: number) => void} pick gets the band to be seen alone
   */
  constructor(t, pick) {
    super(t, t("Share kept of each band"), "");
    this.pick = pick;
    this.legend = h("div");
    this.plot.before(this.legend);
    // Plotly's own event needs the pointer to have rested on a bar before, which a tap does not.
    this.plot.addEventListener("click", (event) => {
      const index = this.at(event);
      if (index !== undefined && this.bands.length > 1) this.pick(index);
    });
  }

  /** @param {{ bands: Band[], directional: boolean }} scene */
  set({ bands, directional }) {
    const { t } = this;
    this.bands = bands;
    this.directional = directional;
    const many = bands.length > 1;
    this.heading.textContent = many ? t("Share kept of each band") : t("Share kept");
    this.heading.title = many ? this.help() : t("Mean mask value.");
    if (directional) this.byAngle();
    else this.byOrientation();
    const key = directional ? directions(t) : many ? legend(t, "lowpass", ...ORIENTATIONS) : h("div");
    this.legend.replaceWith(key);
    this.legend = key;
  }

  /**
   * The band whose bar stands above or below the pointer, so that a small bar is hit too.
   * @param {MouseEvent} event
   * @returns {number | undefined}
   */
  at(event) {
    const { calcdata = [], _fullLayout: layout } = this.plot;
    if (!layout) return undefined;
    const box = this.plot.getBoundingClientRect();
    const x = layout.xaxis.p2c(event.clientX - box.left - layout.xaxis._offset);
    return this.traces.flatMap(({ type, customdata }, i) =>
      type !== "bar" ? [] : calcdata[i].flatMap(({ p0, p1 }, place) => p0 <= x && x <= p1 ? customdata[place] : [])
    )[0];
  }

  /** The text of the heading's tooltip where there are several bands. */
  help() {
    const { t } = this;
    const what = this.directional
      ? t("Mean mask value of each scale and direction; scale 1 is the finest.")
      : t("Mean mask value of each scale and orientation; scale 1 is the finest.");
    return `${what} ${t("Click a bar to see what its band alone contributes.")}`;
  }

  /** A group of bars for each scale, one for each orientation, which differ in colour and pattern. */
  byOrientation() {
    const { t } = this;
    const groups = ["lowpass", "pixels", ...ORIENTATIONS];
    /** @type {Record<string, string>} */
    const place = { lowpass: t("low"), pixels: t("pixels") };
    this.traces = groups.flatMap((orientation) => {
      const indices = this.bands.flatMap((band, i) => (band.orientation === orientation ? [i] : []));
      if (!indices.length) return [];
      const alone = orientation in place;
      const width = alone ? (this.bands.length > 1 ? 0.5 : 0.2) : undefined;
      return {
        ...this.bars(
          indices,
          (band) =>
            alone
              ? t(orientation)
              : t("{orientation}, scale {scale}", { orientation: t(orientation), scale: band.scale }),
        ),
        name: orientation,
        x: indices.map((i) => place[orientation] ?? String(this.bands[i].scale)),
        // Wide enough to stand in the middle of its own place: no other orientation shares it.
        width,
        offset: width && -width / 2,
        marker: {
          color: HUES[orientation],
          pattern: { shape: PATTERNS[orientation], fillmode: "overlay", fgcolor: "#ffffff", size: 6, solidity: 0.2 },
        },
      };
    });
    const categories = [...new Set(this.traces.flatMap((trace) => trace.x))];
    this.xaxis = { type: "category", categoryarray: categories, range: [-0.5, categories.length - 0.5] };
  }

  /** A group of bars for each scale, one for each direction, which differ in colour and in strokes below the bars. */
  byAngle() {
    const { t } = this;
    const { x, groups } = scaleGroups(this.bands, t("low"));
    const indices = this.bands.map((_, i) => i);
    const angled = indices.filter((i) => this.bands[i].angle !== null);
    const last = x[x.length - 1];
    this.positions = last + 2;
    this.traces = [
      {
        ...this.bars(indices, (band) => (band.angle === null ? t("lowpass") : t("scale {scale}, {orientation}", band))),
        name: "share",
        x,
        width: 0.86,
        marker: { color: this.bands.map((band) => hueOf(band.angle)) },
      },
      {
        type: "scatter",
        mode: "markers",
        name: "directions",
        x: angled.map((i) => x[i]),
        y: angled.map(() => 0),
        yaxis: "y2",
        hoverinfo: "skip",
        cliponaxis: false,
        marker: {
          symbol: "line-ew",
          angle: angled.map((i) => -(this.bands[i].angle ?? 0)), // clockwise
          line: { width: 1.6, color: angled.map((i) => hueOf(this.bands[i].angle)) },
        },
      },
    ];
    this.xaxis = {
      type: "linear",
      tickmode: "array",
      tickvals: groups.map(({ positions }) => (positions[0] + positions[positions.length - 1]) / 2),
      ticktext: groups.map(({ name }) => name),
      range: [-1, last + 1],
      anchor: "y2", // the scales are named below the strokes
      showgrid: false,
      zeroline: false,
    };
  }

  /**
   * @param {number[]} indices of the bands
   * @param {(band: Band) => string} name shown by hovering
   * @returns {Trace}
   */
  bars(indices, name) {
    return {
      type: "bar",
      customdata: indices,
      names: indices.map((i) => name(this.bands[i])),
      y: indices.map(() => 1),
      hovertemplate: "%{text}<extra></extra>",
      textposition: "none",
    };
  }

  /** @param {Uint8Array} levels of the mask */
  update(levels) {
    const shares = this.bands.map((band) => meanLevel(levels, band));
    this.traces = this.traces.map((trace) =>
      trace.type !== "bar" ? trace : {
        ...trace,
        y: trace.customdata.map((/** @type {number} */ i) => shares[i]),
        text: trace.customdata.map((/** @type {number} */ i, /** @type {number} */ k) =>
          `${trace.names[k]}: ${percent(shares[i])}`
        ),
      }
    );
    const text = this.bands.map((band, i) => `${bandName(this.t, band)} ${percent(shares[i])}`).join(", ");
    this.describe(this.t("Share kept of each band: {shares}.", { shares: text }));
    return this.draw();
  }

  /**
   * @param {Layout} axis
   * @returns {Layout}
   */
  compose(axis) {
    const margin = { l: 44, r: 8, t: 6, b: 34 };
    if (this.directional) {
      const room = (this.plot.clientWidth - margin.l - margin.r) / this.positions;
      this.traces[1].marker.size = Math.max(5, Math.min(12, 0.9 * room));
    }
    const several = this.bands.length > 1;
    return {
      margin,
      barmode: "group",
      bargap: 0.25,
      xaxis: {
        ...axis,
        ...this.xaxis,
        title: { text: several ? this.t("scale, coarse to fine") : "", standoff: 4 },
        fixedrange: true,
      },
      yaxis: {
        ...axis,
        tickformat: ".2~%", // as many decimals as it takes, so that no two ticks have one text
        range: [0, 1.04 * axisTop(this.traces.flatMap(({ type, y }) => (type === "bar" ? y : [])))],
        domain: this.directional ? [0.09, 1] : [0, 1],
        fixedrange: true,
      },
      yaxis2: { domain: [0, 0.08], range: [-1, 1], visible: false, fixedrange: true },
      dragmode: false,
    };
  }
}

/**
 * A round value that no bar is above, so that the axis does not dance with every frame; 1 where there is none.
 * @param {readonly number[]} shares
 */
export function axisTop(shares) {
  const highest = Math.max(0, ...shares);
  return [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((top) => 0 < highest && highest <= top) ?? 1;
}

/**
 * Where the bars of directional bands stand, in groups with a gap between them: one for each scale, one for the lowpass.
 * @param {readonly Pick<Band, "angle" | "scale">[]} bands
 * @param {string} low what the lowpass is called
 */
export function scaleGroups(bands, low) {
  /** @type {number[]} */
  const x = [];
  /** @type {{ name: string, positions: number[] }[]} */
  const groups = [];
  bands.forEach((band, i) => {
    const name = band.angle === null ? low : String(band.scale);
    if (groups.at(-1)?.name !== name) groups.push({ name, positions: [] });
    x.push(i + 1.5 * (groups.length - 1));
    groups[groups.length - 1].positions.push(x[i]);
  });
  return { x, groups };
}

/**
 * The colours of the four main directions, each beside a stroke.
 * @param {Translator} t
 */
function directions(t) {
  /** @param {number} angle */
  const key = (angle) =>
    h(
      "span",
      { class: "cx-direction", style: `--cx-hue: ${hueOf(angle)}; --cx-turn: ${-angle}deg` },
      `${angle < 0 ? "−" : angle > 0 ? "+" : ""}${Math.abs(angle)}°`,
    );
  return h("div", { class: "cx-legend", "aria-hidden": "true" }, t("edges at"), ...[-45, 0, 45, 90].map(key));
}
