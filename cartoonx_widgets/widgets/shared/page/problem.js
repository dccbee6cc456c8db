// What went wrong, in place: the widget stays usable.

import { h } from "./dom.js";

/** @import { Translator } from "./types.d.ts" */

export class Problem {
  /** Whether it shows that the kernel does not answer. */
  #isSilence = false;

  /** @param {Translator} t */
  constructor(t) {
    this.t = t;
    this.element = h("div", { class: "cx-problem", role: "alert", hidden: true });
  }

  /**
   * Show what went wrong, as the kernel describes it.
   * @param {{ message: string, details?: string }} problem `details`: a traceback
   */
  show = ({ message, details = "" }) => {
    const { t } = this;
    this.#isSilence = false;
    const hide = { class: "cx-small", title: t("Dismiss"), "aria-label": t("Dismiss"), onclick: () => this.hide() };
    this.element.replaceChildren(
      h("strong", {}, message),
      details ? h("details", {}, h("summary", {}, t("Traceback")), h("pre", {}, details)) : "",
      h("button", hide, "✕"),
    );
    this.element.hidden = false;
  };

  /**
   * Show what went wrong in the page.
   * @param {any} error what was thrown
   */
  showFailure = ({ message, stack = "" }) => {
    this.show({ message: this.t("The page failed: {message}", { message }), details: stack });
  };

  /** Show that the kernel does not answer; what is shown already, stays. */
  showSilence() {
    if (!this.element.hidden) return;
    this.show({
      message: this.t("The kernel does not answer: it is busy, or gone. If it is gone, run the cell again."),
    });
    this.#isSilence = true;
  }

  /** The kernel has answered. */
  hideSilence() {
    if (this.#isSilence) this.hide();
  }

  hide() {
    this.#isSilence = false;
    this.element.hidden = true;
  }
}
