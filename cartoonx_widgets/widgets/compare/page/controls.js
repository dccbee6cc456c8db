// The row above a comparison. It shows what the kernel sends, and sends what was pressed; it decides nothing.

import { colourScale } from "./styles.js";
import { button, caption, group, h } from "../../shared/page/dom.js";
import { seconds } from "../../shared/page/format.js";
import { ZOOM_STEP } from "../../shared/page/viewport.js";

/**
 * @import { Export, FromPage, MethodStatus, Setup, StatusMessage } from "./messages.d.ts"
 * @import { Kind } from "./panels.js"
 * @import { Viewport } from "../../shared/page/viewport.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class CompareControls {
  playing = false;

  /**
   * @param {Translator} t
   * @param {Viewport} viewport
   * @param {object} options
   * @param {(kind: Kind) => void} options.choose shows one of them
   * @param {(message: FromPage) => void} options.send to the kernel
   */
  constructor(t, viewport, { choose, send }) {
    this.t = t;
    /**
     * @param {string} label
     * @param {Element[]} children
     */
    const named = (label, ...children) =>
      h("div", { class: "cx-group", role: "group", "aria-label": label }, caption(label), ...children);

    this.play = h("button", {
      class: "cx-play",
      onclick: () => send({ type: this.playing ? "pause" : "play", index: null }),
    });
    this.reset = button(t("Reset"), t("Begin all again from their first masks"), () => send({ type: "reset" }));
    this.progress = h("progress", { max: 1, value: 0, "aria-label": t("Progress of all runs") });
    this.where = h("span", { class: "cx-where", role: "status" });
    this.runs = group(this.play, this.reset, this.progress, this.where);

    /** @type {[Kind, string, string][]} */
    const kinds = [
      ["cartoon", t("Cartoon"), t("Show what each mask leaves of the photograph")],
      ["rest", t("Rest"), t("Show the photograph without what each mask keeps")],
      ["mask", t("Mask"), t("Show the masks themselves: on pixels, or as the mosaic of their bands")],
    ];
    this.kinds = kinds.map(([kind, text, title]) => {
      const onclick = () => {
        choose(kind);
        this.show(kind);
      };
      return h("button", { "data-kind": kind, title, onclick, "aria-pressed": "false" }, text);
    });
    this.scale = h("span", { hidden: true });
    this.zoomed = h("output", { class: "cx-zoomed" });
    const zoom = [
      button("−", t("Zoom out (minus)"), () => viewport.zoom(1 / ZOOM_STEP)),
      this.zoomed,
      button("+", t("Zoom in (plus)"), () => viewport.zoom(ZOOM_STEP)),
      button(t("All"), t("Show the whole picture (0)"), () => viewport.reset()),
    ];
    viewport.follow(() => this.showZoom(viewport));
    this.exports = named(
      t("export"),
      .../** @type {[Export["form"], string, string][]} */ ([
        ["png", "PNG", t("Save pictures, curves and table as a picture")],
        ["svg", "SVG", t("Save pictures, curves and table as SVG")],
        ["csv", "CSV", t("Save the table as CSV")],
        ["html", "HTML", t("Save all of it as one page")],
      ]).map(([form, text, title]) => button(text, title, () => send({ type: "export", form }))),
    );
    this.element = h(
      "div",
      {},
      h("div", { class: "cx-row" }, this.runs, this.exports),
      h("div", { class: "cx-row" }, named(t("show"), ...this.kinds, this.scale), named(t("zoom"), ...zoom)),
    );
    this.show("cartoon");
    this.showZoom(viewport);
  }

  /** @param {Setup} setup */
  set({ live, colours }) {
    this.runs.hidden = this.exports.hidden = !live;
    this.scale.replaceChildren(colourScale(this.t, colours));
  }

  /** @param {Kind} kind */
  show(kind) {
    this.kinds.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.kind === kind)));
    this.scale.hidden = kind !== "mask";
  }

  /** @param {Viewport} viewport */
  showZoom({ scale }) {
    this.zoomed.textContent = `${Math.round(100 * scale)} %`;
  }

  /** @param {StatusMessage} status */
  showStatus({ playing, methods, seconds_left: left }) {
    const { t } = this;
    const done = methods.filter(({ state }) => state === "done").length;
    this.playing = playing;
    this.play.textContent = playing ? `❚❚ ${t("Pause")}` : `▶ ${t("Play all")}`;
    this.play.title = playing
      ? t("Pause after the steps under way")
      : t("Run all methods together, a step of each in turn");
    this.play.disabled = !playing && done === methods.length;
    this.progress.value = progress(methods);
    const words = [t("{done} of {count} done", { done, count: methods.length })];
    if (playing && left) words.push(t("{time} left", { time: seconds(left) }));
    this.where.textContent = words.join(" · ");
    this.where.setAttribute("aria-live", playing ? "off" : "polite");
  }
}

/**
 * How far all runs are, in [0, 1]: the mean of their shares, since steps cost more in one method than in another.
 * @param {Pick<MethodStatus, "step" | "steps">[]} methods
 */
export const progress = (methods) =>
  methods.reduce((sum, { step, steps }) => sum + Math.min(1, step / steps), 0) / methods.length;
