// A strip on which one draws: values over places, with a pointer (mouse, pen or finger) or the arrow keys.

import { h } from "../../shared/page/dom.js";
import { svg } from "../../shared/page/svg.js";

/** @import { Box } from "./geometry.js" */

const LEAP = 8; // with the shift key
const STEPS = 40; // from the middle to the upper edge, by the arrow keys

/** @type {Record<string, [across: number, up: number]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Pixels from the left and from the top.
 * @typedef {[x: number, y: number]} Place
 *
 * What a strip is used for.
 * @typedef {object} Use
 * @property {(place: Place) => void} begin a pointer has come down at this place
 * @property {(places: Place[]) => void} move where it has been since, and last where it is now
 * @property {() => void} end it has gone
 * @property {(by: number) => void} go an arrow key chooses another place, so many to the right
 * @property {(by: number) => void} change an arrow key changes the value by so many parts of the limit
 * @property {() => void} focus the keyboard has reached it
 */

export class Track {
  isDown = false;
  limit = 1; // the value at the upper edge
  /** @type {Record<string, SVGPathElement>} */
  paths = {};
  #size = { width: 0, height: 0 };

  /**
   * @param {string} name of its class
   * @param {string[]} layers the classes of its paths, the lowest first
   * @param {Use} use
   */
  constructor(name, layers, use) {
    for (const layer of layers) this.paths[layer] = svg("path", { class: `cx-${layer}` });
    this.picture = svg("svg", { "aria-hidden": "true" }, ...Object.values(this.paths));
    const end = () => {
      if (!this.isDown) return;
      this.isDown = false;
      use.end();
    };
    this.target = h("div", {
      class: "cx-track-target",
      tabindex: "0",
      role: "application",
      onpointerdown: (/** @type {PointerEvent} */ event) => {
        if (event.button !== 0 || !event.isPrimary) return;
        this.isDown = true;
        this.target.setPointerCapture(event.pointerId);
        use.begin(this.#place(event));
      },
      onpointermove: (/** @type {PointerEvent} */ event) => {
        if (!this.isDown || !event.isPrimary) return;
        const passed = event.getCoalescedEvents?.() ?? [];
        use.move((passed.length ? passed : [event]).map((one) => this.#place(one)));
      },
      onpointerup: end,
      onpointercancel: end,
      onlostpointercapture: end,
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (!(event.key in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
        const [across, up] = KEYS[event.key];
        const by = event.shiftKey ? LEAP : 1;
        if (across) use.go(by * across);
        else use.change((by * up) / STEPS);
        event.preventDefault();
      },
      onfocus: () => this.target.matches(":focus-visible") && use.focus(),
    });
    this.element = h("div", { class: `cx-track ${name}` }, this.picture, this.target);
  }

  /**
   * Its size in pixels, and the value at its upper edge.
   * @returns {Box}
   */
  get box() {
    if (!this.#size.width) this.measure();
    return { ...this.#size, limit: this.limit };
  }

  /** Look how large it is: once, since after each drawing a browser would have to lay out the page to tell. */
  measure() {
    this.#size = { width: this.element.clientWidth, height: this.element.clientHeight };
  }

  /**
   * Draw some of its paths anew.
   * @param {Record<string, string>} commands by the classes of the paths
   */
  draw(commands) {
    for (const [layer, path] of Object.entries(commands)) this.paths[layer].setAttribute("d", path);
  }

  /** @param {string} text what it shows, and how it is used */
  describe(text) {
    this.target.setAttribute("aria-label", text);
  }

  /**
   * @param {MouseEvent} event
   * @returns {Place}
   */
  #place({ clientX, clientY }) {
    const { left, top } = this.element.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }
}
