// The settings of the method: what it is about in a row, all others in a panel that opens below.

import { Field, isChanged } from "./fields.js";
import { methodName, wordsFor } from "./method_names.js";
import { h } from "../../shared/page/dom.js";
import { phrase } from "../../shared/page/texts.js";

/**
 * @import { FromPage, ShownSetting } from "./messages.d.ts"
 * @import { Words } from "./method_names.js"
 * @import { Send, Translator } from "../../shared/page/types.d.ts"
 */

/**
 * Which settings stand together, and in which order, by the beginnings of their paths; the last takes the rest.
 * @type {[title: string, starts: string[]][]}
 */
const GROUPS = [
  [phrase("Objective"), ["distortion", "lambda_", "area"]],
  [phrase("Mask and representation"), ["representation", "mask"]],
  [phrase("Obfuscation"), ["obfuscation"]],
  [phrase("Run"), [""]],
];

/**
 * The settings of each group in their order, but for those above the panels and choices of one thing, which are none.
 * @template {Pick<ShownSetting, "path" | "prominent" | "kind" | "choices">} Setting
 * @param {readonly Setting[]} settings
 * @returns {Setting[][]}
 */
export function inGroups(settings) {
  const others = settings.filter(({ prominent, kind, choices }) =>
    !prominent && (kind !== "choice" || choices.length > 1)
  );
  /** @param {Setting} setting */
  const begins = ({ path }) => GROUPS.map(([, starts]) => starts.findIndex((start) => path.startsWith(start)));
  return GROUPS.map((_, group) =>
    others
      .map((setting) => ({ setting, ranks: begins(setting) }))
      .filter(({ ranks }) => ranks.findIndex((rank) => rank >= 0) === group)
      .sort((a, b) => a.ranks[group] - b.ranks[group])
      .map(({ setting }) => setting)
  );
}

/** Settings in an element, kept where they are as long as they apply, so that none loses the focus. */
class FieldList {
  /** @type {Map<string, Field>} */
  fields = new Map();

  /**
   * @param {HTMLElement} element
   * @param {(setting: ShownSetting) => Field} make
   */
  constructor(element, make) {
    this.element = element;
    this.make = make;
  }

  /** @param {ShownSetting[]} settings @param {Words} words */
  show(settings, words) {
    const paths = settings.map(({ path }) => path);
    for (const [path, field] of this.fields) {
      if (paths.includes(path)) continue;
      field.element.remove();
      this.fields.delete(path);
    }
    settings.forEach((setting, i) => {
      const field = this.fields.get(setting.path) ?? this.make(setting);
      if (!this.fields.has(setting.path)) {
        this.fields.set(setting.path, field);
        this.element.insertBefore(field.element, this.element.children[i] ?? null);
      }
      field.show(setting, words);
    });
  }
}

export class SettingsView {
  /** Index of the preset whose values are shown beside the current ones. */
  method = 0;
  /** Whether some setting is not the preset's. */
  changed = false;

  /** @param {Translator} t @param {Send<FromPage>} send */
  constructor(t, send) {
    this.t = t;
    this.count = h("span", { class: "cx-count", hidden: true });
    this.button = h(
      "button",
      { title: t("All settings of the method"), "aria-expanded": "false", onclick: () => this.toggle() },
      t("Settings"),
      this.count,
    );
    this.row = h("div", { class: "cx-prominent" });
    this.prominent = new FieldList(this.row, (setting) => new Field(t, setting, send).inRow());
    this.groups = GROUPS.map(([title]) => {
      const fields = h("div", { class: "cx-fields" });
      const element = h("fieldset", {}, h("legend", {}, t(title)), fields);
      return { element, list: new FieldList(fields, (setting) => new Field(t, setting, send).inPanel()) };
    });
    this.heading = h("h3", {}, t("Settings"));
    this.reset = h("button", { class: "cx-small", onclick: () => send({ type: "method", index: this.method }) });
    this.panel = h(
      "section",
      {
        class: "cx-settings",
        id: `cx-${Math.random().toString(36).slice(2)}`,
        "aria-label": t("Settings"),
        tabindex: "-1",
        hidden: true,
        onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && this.escape(event),
      },
      h("header", {}, this.heading, this.reset),
      h("div", { class: "cx-settings-groups" }, ...this.groups.map(({ element }) => element)),
      h(
        "p",
        { class: "cx-note" },
        t("Penalty weights and the learning rate hold from the next step on; every other setting begins the run again."),
      ),
    );
    this.button.setAttribute("aria-controls", this.panel.id);
  }

  toggle() {
    this.panel.hidden = !this.panel.hidden;
    this.button.setAttribute("aria-expanded", String(!this.panel.hidden));
  }

  /**
   * It means this panel alone: what is picked elsewhere stays.
   * @param {KeyboardEvent} event
   */
  escape(event) {
    event.stopPropagation();
    this.toggle();
    this.button.focus();
  }

  /**
   * @param {ShownSetting[]} settings
   * @param {number} method index of the preset whose values are shown beside the current ones
   * @param {string} name how it is listed
   */
  show(settings, method, name) {
    const { t } = this;
    this.method = method;
    const words = wordsFor(name);
    const changed = settings.filter(isChanged).length;
    this.changed = changed > 0;
    this.count.hidden = !changed;
    this.count.textContent = changed ? String(changed) : "";
    this.button.title = changed
      ? t(changed > 1 ? words.someDiffer : words.oneDiffers, { count: changed })
      : t("All settings of the method");
    this.reset.textContent = t(words.reset);
    this.reset.title = t(words.again, { method: methodName(t, name) });
    if (!changed && document.activeElement === this.reset) this.panel.focus(); // what is disabled loses the focus
    this.reset.disabled = !changed;
    this.prominent.show(settings.filter(({ prominent }) => prominent), words);
    const grouped = inGroups(settings);
    this.groups.forEach(({ element, list }, group) => {
      list.show(grouped[group], words);
      element.hidden = !grouped[group].length;
    });
  }
}
