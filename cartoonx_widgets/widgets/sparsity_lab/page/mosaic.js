// The coefficients as a mosaic of bands: kept ones in colour, the others grey; a click picks one.

import { inWords } from "../../run_view/page/bands.js";
import { colourTable } from "../../shared/page/colours.js";
import { h } from "../../shared/page/dom.js";
import { outlined, svg } from "../../shared/page/svg.js";
import { phrase } from "../../shared/page/texts.js";
import { PickView } from "./views.js";

const GREYED = 0.3; // how bright a coefficient is that is not kept

const COVERING = { kept: "#56b4e9", dropped: "#2f6d93" };

export class LabMosaic extends PickView {
  /** `pick(band, row, column)`: index of the band, row and column of the cell in it. */
  constructor(t, pick) {
    super(t, t("Coefficients"), "", {
      pick: (row, column) => {
        const place = this.at(row, column);
        if (place) pick(place.index, place.row, place.column);
        else this.caption.textContent = t("between the bands");
      },
      label: t("Coefficients: move with the arrow keys, pick one with Enter"),
    });
    this.tip = h("div", { class: "cx-tip", hidden: true });
    this.element.append(this.tip);
    this.target.addEventListener("pointermove", (event) => this.hover(event));
    this.target.addEventListener("pointerleave", () => (this.tip.hidden = true));
  }

  set({ bands, mosaic, directional, colours }, cells) {
    const { t } = this;
    Object.assign(this, { bands, mosaic, directional, cells, covering: null, marked: null });
    this.kept = new Uint8Array(cells.length);
    this.off = new Set();
    this.heading.title = [
      bands.length > 1
        ? t(directional ? HELP_DIRECTIONAL : HELP_NESTED)
        : t("The picture itself: each pixel is a coefficient."),
      t("Bright and coloured: kept, on a logarithmic scale. Grey: dropped."),
      t("Click one to see its wavelet."),
    ].join(" ");
    this.fit(...mosaic.shape);
    this.leave();
    this.tables ??= tablesOf(colours);
    this.picture = new ImageData(mosaic.shape[1], mosaic.shape[0]);
    this.pixels = new Uint32Array(this.picture.data.buffer);
    this.annotate();
  }

  /** Which cells are kept, eight to a byte, and the names of the bands that are off. */
  update(bits, off) {
    for (let i = 0; i < this.kept.length; i++) this.kept[i] = (bits[i >> 3] >> (7 - (i & 7))) & 1;
    this.off = new Set(off);
    this.paint();
  }

  /** How strongly each cell covers a pixel, 0 to 255; null to show all alike again. */
  cover(strengths) {
    this.covering = strengths;
    this.paint();
    this.annotate();
  }

  paint() {
    const { cells, kept, covering, pixels, tables } = this;
    const width = this.canvas.width;
    pixels.fill(0);
    for (const band of this.bands) {
      const isPicture = band.orientation === "lowpass" || band.orientation === "pixels";
      const bright = isPicture ? tables.grey : tables.colour;
      const isOff = this.off.has(band.name);
      for (let row = 0, i = band.start; row < band.rows; row++) {
        let place = (band.row + row) * width + band.column;
        for (let column = 0; column < band.columns; column++, i++, place++) {
          if (isOff) pixels[place] = (row + column) % 8 < 2 ? tables.hatch : tables.off;
          else if (covering) {
            const level = covering[i];
            pixels[place] = level ? (kept[i] ? tables.covers : tables.coversDropped)[level] : tables.dim[cells[i]];
          } else pixels[place] = (kept[i] ? bright : tables.dim)[cells[i]];
        }
      }
    }
    this.canvas.getContext("2d").putImageData(this.picture, 0, 0);
  }

  describe(text) {
    this.canvas.setAttribute("aria-label", text);
  }

  /** Mark the `cell`, [row, column], of a `band`; null for nothing. */
  mark(place) {
    this.marked = place;
    this.annotate();
  }

  /** The bands' names where there is room, strokes for directions, and the mark. */
  annotate() {
    const cell = this.stage.clientWidth / this.canvas.width || 1; // in pixels of the screen
    const parts = [];
    for (const band of this.bands) {
      const room = Math.min(band.columns, band.rows) * cell;
      if (this.directional && band.angle !== null) parts.push(...stroke(band));
      else if (this.bands.length > 1 && room > 30) {
        const text = svg(
          "text",
          { x: band.column + 4 / cell, y: band.row + 13 / cell, "font-size": 11 / cell },
          band.name,
        );
        parts.push(text);
      }
    }
    const least = 7 / cell; // a single cell would not be found
    if (this.marked) {
      const { band, cell: [row, column] } = this.marked;
      parts.push(...box(band, { top: row, bottom: row, left: column, right: column }, least));
    }
    if (this.covering) parts.push(...this.bands.flatMap((band) => box(band, around(band, this.covering), least)));
    this.marks.replaceChildren(...parts);
  }

  /** The cell at a place of the picture, or null between the bands. */
  at(row, column) {
    const index = this.bands.findIndex(
      (band) =>
        row >= band.row && row < band.row + band.rows && column >= band.column && column < band.column + band.columns,
    );
    if (index < 0) return null;
    const band = this.bands[index];
    const [r, c] = [row - band.row, column - band.column];
    return { index, band, row: r, column: c, i: band.start + r * band.columns + c };
  }

  tell(row, column) {
    const place = this.at(row, column);
    return place ? this.words(place).join("; ") : this.t("between the bands");
  }

  words({ band, row, column, i }) {
    const { t } = this;
    const { factor } = this.mosaic;
    const entries = (k, count) => (factor > 1 ? `${k * factor}–${Math.min((k + 1) * factor, count) - 1}` : String(k));
    const place = { row: entries(row, band.entries[0]), column: entries(column, band.entries[1]) };
    return [
      inWords(t, band),
      t("row {row}, column {column}", place),
      this.off.has(band.name) ? t("switched off") : this.kept[i] ? t("kept") : t("dropped"),
    ];
  }

  hover(event) {
    const place = this.bands && this.at(...this.under(event));
    this.tip.hidden = !place;
    if (!place) return;
    const [name, ...others] = this.words(place);
    this.tip.replaceChildren(h("b", {}, name), ...others.map((text) => h("div", {}, text)));
    const box = this.element.getBoundingClientRect();
    const left = Math.min(event.clientX - box.left + 12, box.width - this.tip.offsetWidth - 4);
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${event.clientY - box.top + 14}px`;
  }
}

const HELP_NESTED = phrase("Top left the lowpass, around it each scale from coarse to fine.");

const HELP_DIRECTIONAL = phrase(
  "First the lowpass, then each scale from coarse to fine, its bands ordered by angle; a stroke shows the direction of the edges that a band answers to.",
);

/** A stroke at the lower left of a band, along the edges that it answers to. */
function stroke(band) {
  const radius = 0.13 * Math.min(band.rows, band.columns);
  const turn = (band.angle / 180) * Math.PI;
  const [across, down] = [radius * Math.cos(turn), -radius * Math.sin(turn)]; // y points down
  const [x, y] = [band.column + 1.6 * radius, band.row + band.rows - 1.6 * radius];
  const ends = { x1: x - across, x2: x + across, y1: y - down, y2: y + down };
  return ["cx-halo", "cx-line"].map((name) => svg("line", { class: name, ...ends }));
}

/** A box around cells of a band, which has at least the size `least`; none around nothing. */
function box(band, cells, least) {
  if (!cells) return [];
  const [width, height] = [cells.right - cells.left + 2, cells.bottom - cells.top + 2].map((side) =>
    Math.max(side, least)
  );
  const x = band.column + (cells.left + cells.right + 1 - width) / 2;
  const y = band.row + (cells.top + cells.bottom + 1 - height) / 2;
  return outlined({ x, y, width, height });
}

/** The strongest of a band's cells and those that follow each other around it, to all four sides. */
function around(band, strengths) {
  const at = (row, column) => strengths[band.start + row * band.columns + column];
  const inside = (row, column) => row >= 0 && row < band.rows && column >= 0 && column < band.columns;
  let strongest = band.start;
  for (let i = band.start; i < band.start + band.rows * band.columns; i++) {
    if (strengths[i] > strengths[strongest]) strongest = i;
  }
  if (!strengths[strongest]) return null;
  const [row, column] = [Math.floor((strongest - band.start) / band.columns), (strongest - band.start) % band.columns];
  const reach = (down, right) => {
    let steps = 0;
    while (
      inside(row + down * (steps + 1), column + right * (steps + 1)) &&
      at(row + down * (steps + 1), column + right * (steps + 1))
    ) steps++;
    return steps;
  };
  return {
    top: row - reach(-1, 0),
    bottom: row + reach(1, 0),
    left: column - reach(0, -1),
    right: column + reach(0, 1),
  };
}

/** Colours of levels 0 to 255 as the pixels of a canvas hold them. */
function tablesOf(colours) {
  const rgb = colourTable(colours);
  const pixel = (red, green, blue) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  const table = (colour) => Uint32Array.from({ length: 256 }, (_, level) => pixel(...colour(level).map(Math.round)));
  const shaded = (hex) => {
    const full = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
    return table((level) => full.map((part) => part * (0.35 + (0.65 * level) / 255)));
  };
  return {
    colour: table((level) => [...rgb.subarray(3 * level, 3 * level + 3)]),
    grey: table((level) => [level, level, level]),
    dim: table((level) => Array(3).fill(28 + GREYED * level)),
    covers: shaded(COVERING.kept),
    coversDropped: shaded(COVERING.dropped),
    off: pixel(64, 64, 64),
    hatch: pixel(110, 110, 110),
  };
}
