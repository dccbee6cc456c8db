// What lies over the scatter: rings around the picked photograph, and a cursor that the arrow keys move.

import { layOver } from "./scatter_marks.js";
import { formatted, scoreLabel } from "./scores.js";
import { h } from "../../shared/page/dom.js";
import { svg } from "../../shared/page/svg.js";

const LEAP_POINTS = 25; // with shift

/** @type {Record<string, ["xs" | "ys", number]>} */
const MOVES = { ArrowLeft: ["xs", -1], ArrowRight: ["xs", 1], ArrowDown: ["ys", -1], ArrowUp: ["ys", 1] };

/**
 * @import { Records } from "./records.js"
 * @import { Ground } from "./scatter_marks.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * The panel that the cursor lies over.
 * @typedef {object} Walked
 * @property {HTMLElement} element
 * @property {Records} records
 * @property {string} x the score from left to right
 * @property {ArrayLike<number>} xs
 * @property {ArrayLike<number>} ys
 * @property {(record: number) => void} pick
 */

export class ScatterCursor {
  /** @type {number | null} */
  record = null;
  walking = false;
  /** @type {number[]} */
  picked = [];
  /** @type {number[]} */
  visible = [];
  /** @type {{ xs?: number[], ys?: number[] }} */
  orders = {};

  /**
   * @param {Translator} t
   * @param {Ground & Walked} panel
   */
  constructor(t, panel) {
    this.t = t;
    this.panel = panel;
    this.marks = svg("svg", { class: "cx-rings", "aria-hidden": "true" });
    this.spoken = h("p", { class: "cx-spoken", role: "status" });
    this.tip = h("div", { class: "cx-tip", hidden: true });
    this.element = h(
      "div",
      {
        class: "cx-walk",
        role: "application",
        tabindex: "0",
        "aria-label": t(
          "Explanations in the figure: left and right to the next CP score, up and down to the next hallucination score, Enter picks",
        ),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
        onfocus: () =>
          this.show(this.record ?? this.picked.find((i) => this.visible.includes(i)) ?? this.visible[0] ?? null),
        onblur: () => this.leave(),
      },
      this.marks,
      this.spoken,
    );
  }

  /** @param {number[]} visible the records that can be walked through */
  set(visible) {
    this.visible = visible;
    this.orders = {};
    if (this.record !== null && !visible.includes(this.record)) this.record = null;
  }

  /** @param {number[]} picked records of the photograph that is picked */
  mark(picked) {
    this.picked = picked;
    this.place();
  }

  /**
   * The records in the order of one axis.
   * @param {"xs" | "ys"} axis
   */
  order(axis) {
    const values = this.panel[axis];
    return (this.orders[axis] ??= [...this.visible].sort((a, b) => values[a] - values[b] || a - b));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { key, shiftKey } = event;
    const move = MOVES[key];
    if (move && this.visible.length) {
      const [axis, by] = move;
      this.show(stepped(this.order(axis), this.record, by * (shiftKey ? LEAP_POINTS : 1)));
    } else if ((key === "Enter" || key === " ") && this.record !== null) this.panel.pick(this.record);
    else return;
    event.preventDefault();
  }

  /**
   * The cursor on a record.
   * @param {number | null} record
   */
  show(record) {
    this.record = record;
    this.walking = true;
    this.place();
    this.describe(record);
    this.spoken.textContent = record === null
      ? ""
      : recordWords(this.t, this.panel.records, record, this.scores()).join("; ");
  }

  leave() {
    this.walking = false;
    this.tip.hidden = true;
    this.place();
  }

  scores() {
    return [this.panel.x, "hallucination"];
  }

  /**
   * The tip beside a record.
   * @param {number | null} record
   */
  describe(record) {
    const { records, plot } = this.panel;
    const at = record === null ? null : this.panel.at(record);
    this.tip.hidden = !at;
    if (record === null || !at) return;
    const [name, ...others] = recordWords(this.t, records, record, this.scores());
    const sources = [records.photographPicture(records.photographOf[record]), records.cartoonPicture(record)];
    const pictures = sources.flatMap((source) => (source ? [h("img", { src: source, alt: "" })] : []));
    this.tip.replaceChildren(
      h("b", {}, name),
      ...others.map((text) => h("div", {}, text)),
      h("div", { class: "cx-tip-pictures" }, ...pictures),
    );
    const [left, top] = [plot.offsetLeft + at[0], plot.offsetTop + at[1]];
    const room = this.panel.element.clientWidth - this.tip.offsetWidth - 4;
    this.tip.style.left = `${Math.max(4, left + 14 < room ? left + 14 : left - this.tip.offsetWidth - 14)}px`;
    const below = plot.offsetTop + plot.clientHeight - this.tip.offsetHeight;
    this.tip.style.top = `${Math.max(0, Math.min(top + 10, below))}px`;
  }

  /** Draw the rings where the records stand now. */
  place() {
    layOver(this.element, this.panel.plot);
    /**
     * @param {number} record
     * @param {number} radius
     * @param {string} name
     */
    const ring = (record, radius, name) => {
      const at = this.panel.at(record);
      return at
        ? ["cx-halo", "cx-line"].map((line) =>
          svg("circle", { class: `${line} ${name}`, cx: at[0], cy: at[1], r: radius })
        )
        : [];
    };
    const rings = this.picked.filter((i) => this.visible.includes(i)).flatMap((i) => ring(i, 7, "cx-picked"));
    const cursor = this.walking && this.record !== null ? ring(this.record, 11, "cx-at") : [];
    this.marks.replaceChildren(...rings, ...cursor);
  }
}

/**
 * The record that lies some places on in an order, or the last one that way; from null on it begins at the first.
 * @param {number[]} order
 * @param {number | null} record
 * @param {number} by
 */
export function stepped(order, record, by) {
  const place = record === null ? 0 : order.indexOf(record) + by;
  return order[Math.max(0, Math.min(order.length - 1, place))];
}

/**
 * A record in words: its photograph, its method, its class and some scores.
 * @param {Translator} t
 * @param {Records} records
 * @param {number} i
 * @param {string[]} scores
 */
function recordWords(t, records, i, scores) {
  const seed = records.seeds.length > 1 ? [t("seed {seed}", { seed: records.seed(i) })] : [];
  return [
    records.photograph(i),
    [records.method(i), ...seed].join(", "),
    classWords(t, records, i),
    ...scores.map((name) => `${scoreLabel(t, records, name)} ${formatted(records, name, records.of(name)[i])}`),
  ];
}

/**
 * What has become of the class: kept or not, and its probabilities.
 * @param {Translator} t
 * @param {Records} records
 * @param {number} i
 */
function classWords(t, records, i) {
  const [before, after] = ["probability_before", "probability"].map((name) => records.of(name)[i].toFixed(2));
  const label = records.label(i);
  return records.kept(i)
    ? t("{label} kept: {before} → {after}", { label, before, after })
    : t("{label} not kept: {before} → {after}; the cartoon is {other}", {
      label,
      before,
      after,
      other: records.cartoonLabel(i),
    });
}
