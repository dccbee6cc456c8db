// The marks of the scatter. They are on a canvas, since thousands of them make SVG slow.

import { methodLook } from "./methods.js";
import { h } from "../../shared/page/dom.js";

const MARK_SIZE = 0.65; // of the mark in the legend

const MARK_REACH = 12; // pixels, within which a mark is met

const MANY_MARKS = 300; // of a method: then they are fainter

/** Lay an element over a plot. */
export function layOver({ style }, { offsetLeft, offsetTop, clientWidth, clientHeight }) {
  const places = { left: offsetLeft, top: offsetTop, width: clientWidth, height: clientHeight };
  for (const [name, pixels] of Object.entries(places)) style[name] = `${pixels}px`;
}

export class Marks {
  /** `panel.at(record)` says where on `panel.plot` a record stands. */
  constructor(panel) {
    this.panel = panel;
    this.canvas = h("canvas", { class: "cx-marks", "aria-hidden": "true" });
    this.drawn = [];
  }

  /** `groups`: the records that are to be seen, method by method. */
  draw(groups) {
    const { plot } = this.panel;
    const { canvas } = this;
    const ratio = globalThis.devicePixelRatio || 1;
    layOver(canvas, plot);
    canvas.width = Math.round(plot.clientWidth * ratio); // which also clears it
    canvas.height = Math.round(plot.clientHeight * ratio);
    const context = canvas.getContext("2d");
    const size = MARK_SIZE * ratio;
    this.drawn = [];
    groups.forEach((rows, method) => {
      const { color, path } = methodLook(method);
      const shape = new Path2D(path);
      context.fillStyle = color;
      context.globalAlpha = rows.length > MANY_MARKS ? 0.55 : 0.8;
      for (const record of rows) {
        const at = this.panel.at(record);
        if (!at) continue;
        context.setTransform(size, 0, 0, size, at[0] * ratio, at[1] * ratio);
        context.fill(shape);
        this.drawn.push({ record, x: at[0], y: at[1] });
      }
    });
    canvas.dataset.marks = this.drawn.length;
  }

  /** The record whose mark a mouse's place meets, the nearest if there are several; undefined where there is none. */
  met({ clientX, clientY }) {
    const { left, top } = this.panel.plot.getBoundingClientRect();
    let [found, least] = [undefined, MARK_REACH ** 2];
    for (const { record, x, y } of this.drawn) {
      const distance = (x + left - clientX) ** 2 + (y + top - clientY) ** 2;
      if (distance <= least) [found, least] = [record, distance];
    }
    return found;
  }
}
