// Buttons that switch scales and orientations off and on.

import { isAngled } from "../../run_view/page/bands.js";
import { h } from "../../shared/page/dom.js";

export class BandButtons {
  /** `send(off)`: the names of all bands that are to be off. */
  constructor(t, send) {
    this.t = t;
    this.send = send;
    this.off = new Set();
    this.scales = h("div", { class: "cx-group cx-bands" });
    this.orientations = h("div", { class: "cx-group cx-bands" });
    this.all = h(
      "button",
      { class: "cx-small", title: t("Switch all bands on"), onclick: () => this.send([]) },
      t("All on"),
    );
    this.element = h("div", { class: "cx-row" }, this.scales, this.orientations, this.all);
  }

  set({ bands }) {
    const { t } = this;
    this.element.hidden = bands.length < 2;
    const details = bands.filter(({ orientation }) => orientation !== "lowpass");
    const scales = [...new Set(details.map(({ scale }) => scale))];
    const orientations = [...new Set(details.map(({ orientation }) => orientation))].sort(byAngle);
    const caption = (text) => h("span", { class: "cx-caption", "aria-hidden": "true" }, text);
    this.buttons = [];
    const button = (text, words, chosen) => {
      const names = bands.filter(chosen).map(({ name }) => name);
      const element = h("button", { class: "cx-small", onclick: () => this.press(names) }, text);
      this.buttons.push({ element, names, words });
      return element;
    };
    this.scales.replaceChildren(
      caption(t("scales")),
      button(t("low"), t("lowpass"), ({ orientation }) => orientation === "lowpass"),
      ...scales.map((scale) =>
        button(
          String(scale),
          t("scale {scale}", { scale }),
          (band) => band.scale === scale && band.orientation !== "lowpass",
        )
      ),
    );
    this.orientations.replaceChildren(
      caption(t("orientations")),
      ...orientations.map((name) => {
        const text = isAngled({ orientation: name }) ? name.replace("-", "−") : t(name);
        return button(text, text, ({ orientation }) => orientation === name);
      }),
    );
  }

  /** What is on goes off; what is off, even in part, comes on. */
  press(names) {
    const off = new Set(this.off);
    const someOff = names.some((name) => off.has(name));
    for (const name of names) {
      if (someOff) off.delete(name);
      else off.add(name);
    }
    this.send([...off]);
  }

  /** Switch one band. */
  toggle(name) {
    this.press([name]);
  }

  show(off) {
    const { t } = this;
    this.off = new Set(off);
    this.all.disabled = off.length === 0;
    for (const { element, names, words } of this.buttons) {
      const count = names.filter((name) => this.off.has(name)).length;
      element.setAttribute("aria-pressed", count === 0 ? "true" : count < names.length ? "mixed" : "false");
      element.title = count ? t("{band}: switch on", { band: words }) : t("{band}: switch off", { band: words });
      element.setAttribute("aria-label", words);
    }
  }
}

/** Words as they come, angles from −90° to 90°. */
function byAngle(a, b) {
  const [first, second] = [parseFloat(a), parseFloat(b)];
  return Number.isNaN(first) || Number.isNaN(second) ? 0 : first - second;
}
