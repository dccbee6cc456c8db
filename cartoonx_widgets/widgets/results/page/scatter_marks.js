// The marks of the scatter. They are on a canvas, since thousands of them make SVG slow.

import { methodStyle } from "./method_styles.js";
import { h } from "../../shared/page/dom.js";

const MARK_SIZE = 0.65; // of the mark in the legend

const MARK_REACH = 12; // pixels, within which a mark is met

const MANY_MARKS = 300; // of a method: then they are fainter

/**
 * What marks need to know of their panel.
 * @typedef {object} Ground
 * @property {HTMLElement} plot
 * @property {(record: number) => [number, number] | null} at where on the plot a record stands
 *
 * @typedef {{ record: number, x: number, y: number }} Mark in pixels of the plot
 */

/**
 * Lay an element over a plot.
 * @param {HTMLElement | SVGElement} element
 * @param {HTMLElement} plot
 */
export function layOver({ style }, { offsetLeft, offsetTop, clientWidth, clientHeight }) {
  const places = { left: offsetLeft, top: offsetTop, width: clientWidth, height: clientHeight };
  for (const [name, pixels] of Object.entries(places)) style.setProperty(name, `${pixels}px`);
}

export class Marks {
  /** @type {Mark[]} */
  drawn = [];

  /** @param {Ground} panel */
  constructor(panel) {
    this.panel = panel;
    this.canvas = h("canvas", { class: "cx-marks", "aria-hidden": "true" });
  }

  /** @param {number[][]} groups the records that are to be seen, method by method */
  draw(groups) {
    const { plot } = this.panel;
    const { canvas } = this;
    const ratio = globalThis.devicePixelRatio || 1;
    layOver(canvas, plot);
    canvas.width = Math.round(plot.clientWidth * ratio); // which also clears it
    canvas.height = Math.round(plot.clientHeight * ratio);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const size = MARK_SIZE * ratio;
    this.drawn = [];
    groups.forEach((rows, method) => {
      const { color, path } = methodStyle(method);
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
    canvas.dataset.marks = String(this.drawn.length);
  }

  /**
   * The record whose mark a mouse's place meets; undefined where there is none.
   * @param {{ clientX: number, clientY: number }} place
   */
  met({ clientX, clientY }) {
    const { left, top } = this.panel.plot.getBoundingClientRect();
    return nearest(this.drawn, clientX - left, clientY - top)?.record;
  }
}

/**
 * The mark nearest to a place, the one drawn last of equal ones; undefined where none is within reach.
 * @param {Mark[]} marks
 * @param {number} x
 * @param {number} y
 */
export function nearest(marks, x, y) {
  /** @type {Mark | undefined} */
  let found;
  let least = MARK_REACH ** 2;
  for (const mark of marks) {
    const distance = (mark.x - x) ** 2 + (mark.y - y) ** 2;
    if (distance <= least) [found, least] = [mark, distance];
  }
  return found;
}
