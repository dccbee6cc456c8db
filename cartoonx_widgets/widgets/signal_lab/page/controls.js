// The controls of the signal lab. They show what the kernel sends, and send what was chosen; they decide nothing.

import { caption, group, h } from "../../shared/page/dom.js";
import { KeepControl } from "../../shared/page/keep_control.js";
import { LevelsControl } from "../../shared/page/levels_control.js";

/**
 * @import { Analysis, FromPage, Setup } from "./messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

export class SignalControls {
  /** @type {string[]} */
  names = [];

  /**
   * @param {Translator} t
   * @param {(message: FromPage) => void} send to the kernel
   * @param {object} use
   * @param {() => void} use.choosing before a signal is chosen
   * @param {(k: number) => void} use.keep asks for another number of coefficients
   * @param {() => void} use.undo
   */
  constructor(t, send, { choosing, keep, undo }) {
    this.t = t;
    this.signal = h("select", {
      "aria-label": t("Signal"),
      title: t("Choose a signal to begin with"),
      onchange: () => {
        if (!this.signal.value) return;
        choosing();
        send({ type: "signal", name: this.signal.value });
      },
    });
    this.undo = h("button", { title: t("Take back the last change (Ctrl Z or ⌘ Z)"), onclick: undo }, t("Undo"));
    this.representation = h("select", {
      "aria-label": t("Wavelet"),
      title: t("Which wavelet the signal is taken apart into"),
      onchange: () => send({ type: "representation", name: this.representation.value }),
    });
    this.levels = new LevelsControl(t, (levels) => send({ type: "levels", levels }));
    this.kept = new KeepControl(t, keep);
    this.first = h(
      "div",
      { class: "cx-row" },
      group(caption(t("signal")), this.signal, this.undo),
      group(caption(t("wavelet")), this.representation),
      this.levels.element,
    );
    this.second = this.kept.element;
    this.note = h("p", { class: "cx-notes", hidden: true });
  }

  /** @param {Setup} setup */
  set({ signals, names }) {
    const { t } = this;
    this.names = names;
    this.signal.replaceChildren(
      ...signals.map(({ name, title, about }) => h("option", { value: name, title: t(about) }, t(title))),
      h("option", { value: "", disabled: true }, t("your own")),
    );
  }

  /**
   * What the kernel has taken, which is not always what was chosen.
   * @param {Analysis} analysis
   */
  show({ name, n, representation, levels, most }) {
    const { t, names } = this;
    const listed = names.includes(representation) ? names : [...names, representation];
    if (this.representation.textContent !== listed.join("")) {
      this.representation.replaceChildren(...listed.map((one) => h("option", { value: one }, one)));
    }
    this.signal.value = name;
    this.representation.value = representation;
    this.levels.show(levels, most);
    const title = t("Each level halves an even number of samples: {n} can be halved {most} times.", { n, most });
    this.levels.depth.title = title;
    this.note.hidden = most > 0;
    this.note.textContent = t(
      "An odd number of samples, here {n}, cannot be split: the coefficients are the samples themselves. A power of 2, such as 256, can be split most often.",
      { n },
    );
    if (this.kept.n !== n) this.kept.set(n);
  }
}
