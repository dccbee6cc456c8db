// The controls of the sparsity lab. They show what the kernel sends, and send what was entered; they decide nothing.

import { button, caption, group, h } from "../../shared/page/dom.js";
import { KeepControl } from "../../shared/page/keep_control.js";
import { LevelsControl } from "../../shared/page/levels_control.js";
import { photographField } from "../../shared/page/upload.js";
import { BandButtons } from "./band_buttons.js";

/**
 * @import { FromPage, Setup, State } from "./messages.d.ts"
 * @import { Photograph } from "../../shared/page/messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class LabControls {
  /**
   * @param {Translator} t
   * @param {(message: FromPage, buffers?: ArrayBuffer[]) => void} send to the kernel
   * @param {(k: number) => void} keep asks for another number of coefficients
   */
  constructor(t, send, keep) {
    this.t = t;
    this.picture = h("select", {
      "aria-label": t("Picture"),
      title: t("Choose a photograph or a drawing"),
      onchange: () => send({ type: "photograph", name: this.picture.value }),
    });
    this.file = photographField(t, send);
    this.representation = h("select", {
      "aria-label": t("Representation"),
      title: t("What the picture is taken apart into"),
      onchange: () => send({ type: "representation", name: this.representation.value }),
    });
    this.levels = new LevelsControl(t, (levels) => send({ type: "levels", levels }));
    this.kept = new KeepControl(t, keep);
    this.bands = new BandButtons(t, (off) => send({ type: "bands", off }));
    this.first = h(
      "div",
      { class: "cx-row" },
      group(
        caption(t("picture")),
        this.picture,
        button(t("Upload…"), t("Upload a photograph of your own"), () => this.file.click()),
        this.file,
      ),
      group(caption(t("representation")), this.representation),
      this.levels.element,
      button(t("Reset"), t("Reset everything but the picture"), () => send({ type: "reset" })),
    );
    this.second = this.kept.element;
  }

  /** @param {Setup} setup */
  set(setup) {
    const { t } = this;
    /** @param {Photograph[]} items */
    const options = (items) => items.map(({ name, title }) => h("option", { value: name }, t(title)));
    const known = [...setup.photographs, ...setup.drawings];
    const own = known.some(({ name }) => name === setup.photograph)
      ? []
      : [h("option", { value: setup.photograph }, setup.photograph)];
    this.picture.replaceChildren(
      h("optgroup", { label: t("photographs") }, ...options(setup.photographs), ...own),
      h("optgroup", { label: t("drawings") }, ...options(setup.drawings)),
    );
    const names = setup.names.includes(setup.representation) ? setup.names : [...setup.names, setup.representation];
    this.representation.replaceChildren(...names.map((name) => h("option", { value: name }, t(name))));
    this.kept.set(setup.n);
    this.bands.set(setup);
  }

  /**
   * What the kernel has taken, which is not always what was chosen.
   * @param {Omit<State, "type">} state
   */
  showState({ photograph, representation, levels, most, k, off }) {
    this.picture.value = photograph;
    this.representation.value = representation;
    this.levels.show(levels, most);
    this.bands.show(off);
    this.showKept(k);
  }

  /** @param {number} k coefficients */
  showKept(k) {
    this.kept.show(k);
  }
}
