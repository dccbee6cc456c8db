// "Copy as Python": a button, and a small dialog with the code that makes what is shown.

import { group, h } from "./dom.js";

/** @import { Translator } from "./types.d.ts" */

export class PythonCode {
  /**
   * @param {Translator} t
   * @param {(message: { type: "code" }) => void} send asks the kernel for the code
   */
  constructor(t, send) {
    this.t = t;
    this.button = h(
      "button",
      { title: t("The Python code that makes what is shown, to copy"), onclick: () => send({ type: "code" }) },
      t("Copy as Python"),
    );
    this.area = h("textarea", { readonly: true, spellcheck: "false", "aria-label": t("Python code"), wrap: "off" });
    this.copied = h("span", { role: "status" });
    this.copy = h("button", { title: t("Copy the code"), onclick: () => this.copyAll() }, t("Copy"));
    this.dialog = h(
      "dialog",
      { class: "cx-code", "aria-label": t("Copy as Python") },
      this.area,
      group(
        this.copy,
        h("button", { title: t("Close the dialog (Escape)"), onclick: () => this.dialog.close() }, t("Close")),
        this.copied,
      ),
    );
  }

  /**
   * Open the dialog with the code, all of it selected.
   * @param {{ code: string }} message
   */
  show({ code }) {
    this.area.value = code;
    this.area.rows = lineCount(code);
    this.copied.textContent = "";
    if (!this.dialog.open) this.dialog.showModal();
    this.area.focus();
    this.area.select();
  }

  /** A page without a clipboard, as over plain HTTP, leaves it to the reader, for whom all is selected. */
  async copyAll() {
    const { t } = this;
    try {
      await navigator.clipboard.writeText(this.area.value);
      this.copied.textContent = t("Copied.");
    } catch {
      this.area.focus();
      this.area.select();
      this.copied.textContent = t("This page may not copy: press Ctrl+C or ⌘C.");
    }
  }
}

/**
 * The rows that code takes, of which no more than 24 are shown at once.
 * @param {string} code
 */
export const lineCount = (code) => Math.min(24, code.trimEnd().split("\n").length + 1);
