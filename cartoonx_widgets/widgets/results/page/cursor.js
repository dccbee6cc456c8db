// What lies over the scatter: rings around the picked photograph, and a cursor that the arrow keys move.

import { layOver } from "./marks.js";
import { figure, scoreLabel } from "./scores.js";
import { h } from "../../shared/page/dom.js";
import { svg } from "../../shared/page/svg.js";

const LEAP_POINTS = 25; // with shift

export class ScatterCursor {
  /** `panel.at(record)` says where a record stands, `panel.pick(record)` picks it. */
  constructor(t, panel) {
    Object.assign(this, { t, panel, record: null, picked: [], visible: [] });
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
        onkeydown: (event) => this.key(event),
        onfocus: () =>
          this.show(this.record ?? this.picked.find((i) => this.visible.includes(i)) ?? this.visible[0] ?? null),
        onblur: () => this.leave(),
      },
      this.marks,
      this.spoken,
    );
  }

  /** The records that can be walked through. */
  set(visible) {
    this.visible = visible;
    this.orders = {};
    if (!visible.includes(this.record)) this.record = null;
  }

  /** Records of the photograph that is picked. */
  mark(picked) {
    this.picked = picked;
    this.place();
  }

  /** The records in the order of one axis. */
  order(axis) {
    const values = this.panel[axis];
    return (this.orders[axis] ??= [...this.visible].sort((a, b) => values[a] - values[b] || a - b));
  }

  key(event) {
    const { key, shiftKey } = event;
    const moves = { ArrowLeft: ["xs", -1], ArrowRight: ["xs", 1], ArrowDown: ["ys", -1], ArrowUp: ["ys", 1] };
    if (key in moves && this.visible.length) {
      const [axis, by] = moves[key];
      const order = this.order(axis);
      const place = order.indexOf(this.record) + by * (shiftKey ? LEAP_POINTS : 1);
      this.show(order[Math.max(0, Math.min(order.length - 1, place))]);
    } else if ((key === "Enter" || key === " ") && this.record !== null) this.panel.pick(this.record);
    else return;
    event.preventDefault();
  }

  /** The cursor on a record. */
  show(record) {
    this.record = record;
    this.walking = true;
    this.place();
    this.tell(record);
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

  /** The tip beside a record. */
  tell(record) {
    const { records, plot } = this.panel;
    const at = record === null ? null : this.panel.at(record);
    this.tip.hidden = !at;
    if (!at) return;
    const [name, ...others] = recordWords(this.t, records, record, this.scores());
    const picture = (source) => source && h("img", { src: source, alt: "" });
    const pictures = [records.photographPicture(records.photographOf[record]), records.cartoonPicture(record)].map(
      picture,
    );
    this.tip.replaceChildren(
      h("b", {}, name),
      ...others.map((text) => h("div", {}, text)),
      h("div", { class: "cx-tip-pictures" }, ...pictures.filter(Boolean)),
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

/** A record in words: its photograph, its method, its class and some scores. */
function recordWords(t, records, i, scores) {
  const seed = records.seeds.length > 1 ? [t("seed {seed}", { seed: records.seed(i) })] : [];
  return [
    records.photograph(i),
    [records.method(i), ...seed].join(", "),
    classWords(t, records, i),
    ...scores.map((name) => `${scoreLabel(t, name)} ${figure(name, records.of(name)[i])}`),
  ];
}

/** What has become of the class: kept or not, and its probabilities. */
function classWords(t, records, i) {
  const [before, after] = ["probability", "cartoon_probability"].map((name) => records.of(name)[i].toFixed(2));
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
