// What went wrong, in place: the widget stays usable.

import { h } from "./dom.js";

export class Problem {
  constructor(t) {
    this.t = t;
    this.element = h("div", { class: "cx-problem", role: "alert", hidden: true });
  }

  show({ message, details }) {
    const { t } = this;
    const hide = { class: "cx-small", title: t("Dismiss"), "aria-label": t("Dismiss"), onclick: () => this.hide() };
    this.element.replaceChildren(
      h("strong", {}, message),
      h("details", {}, h("summary", {}, t("Traceback")), h("pre", {}, details)),
      h("button", hide, "✕"),
    );
    this.element.hidden = false;
  }

  hide() {
    this.element.hidden = true;
  }
}
