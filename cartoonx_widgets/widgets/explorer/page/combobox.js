// A searchable choice among many classes: the most probable first, all others by typing.
// Follows the ARIA pattern "editable combobox with list autocomplete".

import { h } from "../../shared/page/dom.js";

/**
 * @import { Prediction } from "../../run_view/page/messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const MOST_SHOWN = 60;

/**
 * What is offered for a query: the predictions that match it, then other labels, those first that begin with it, the
 * shortest of them before the others. Each by its index among the labels.
 * @param {string} query
 * @param {readonly string[]} labels
 * @param {readonly Prediction[]} top
 * @returns {{ first: [index: number, text: string][], others: [index: number, text: string][], more: boolean }}
 */
export function offered(query, labels, top) {
  const folded = query.trim().toLowerCase();
  /** @type {[number, string][]} */
  const first = top
    .filter(({ label }) => label.toLowerCase().includes(folded))
    .map(({ index, label, probability }) => [index, `${label}  ${probability.toFixed(2)}`]);
  const known = new Set(first.map(([index]) => index));
  const matching = labels
    .map((text, index) => ({ index, text, at: text.toLowerCase().indexOf(folded) }))
    .filter(({ index, at }) => at >= 0 && !known.has(index));
  if (folded) {
    matching.sort((a, b) => Number(a.at > 0) - Number(b.at > 0) || a.text.length - b.text.length);
  }
  /** @type {[number, string][]} */
  const others = matching.slice(0, MOST_SHOWN).map(({ index, text }) => [index, text]);
  return { first, others, more: matching.length > MOST_SHOWN };
}

export class Combobox {
  /** @type {readonly string[]} */
  labels = [];
  /** @type {readonly Prediction[]} */
  top = [];
  /** Of the chosen label; -1 without one. */
  index = -1;
  /** What is said without one. */
  otherwise = "";
  /** @type {HTMLLIElement[]} */
  options = [];
  /** Place of the option that Enter takes; -1 without one. */
  marked = -1;

  /**
   * @param {Translator} t
   * @param {{ label: string, title: string, choose: (index: number) => void }} options
   */
  constructor(t, { label, title, choose }) {
    this.t = t;
    this.choose = choose;
    this.id = `cx-${Math.random().toString(36).slice(2)}`;
    this.list = h("ul", { role: "listbox", id: this.id, "aria-label": label, hidden: true });
    this.input = h("input", {
      type: "text",
      role: "combobox",
      "aria-expanded": "false",
      "aria-controls": this.id,
      "aria-autocomplete": "list",
      "aria-label": label,
      autocomplete: "off",
      spellcheck: "false",
      title,
      oninput: () => this.open(this.input.value),
      onfocus: () => this.input.select(),
      onclick: () => this.open(""),
      onblur: () => this.close(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    });
    this.element = h("span", { class: "cx-combobox" }, this.input, this.list);
  }

  /**
   * @param {readonly string[]} labels all of them
   * @param {readonly Prediction[]} top to offer first
   */
  set(labels, top) {
    this.labels = labels;
    this.top = top;
    this.close();
  }

  /**
   * @param {number} index now chosen; -1 for none
   * @param {string} otherwise what is said without one
   */
  show(index, otherwise = "") {
    this.index = index;
    this.otherwise = otherwise;
    this.close();
  }

  /** @param {string} query */
  open(query) {
    const { first, others, more } = offered(query, this.labels, this.top);
    this.options = [...first, ...others].map(([index, text], rank) =>
      h(
        "li",
        {
          role: "option",
          id: `${this.id}-${rank}`,
          "aria-selected": "false",
          class: rank < first.length ? "cx-top" : null,
          // mousedown comes before the input's blur, which closes the list
          onmousedown: (/** @type {MouseEvent} */ event) => {
            event.preventDefault();
            this.take(index);
          },
          "data-index": index,
        },
        text,
      )
    );
    const rest = more ? [h("li", { class: "cx-more" }, this.t("type to find more"))] : [];
    const none = this.options.length ? [] : [h("li", { class: "cx-more" }, this.t("no such class"))];
    this.list.replaceChildren(...this.options, ...rest, ...none);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(this.options.length ? 0 : -1);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.input.value = this.labels[this.index] ?? this.otherwise;
  }

  /** @param {number} rank of the option in the list; -1 for none */
  mark(rank) {
    this.options.forEach((option, i) => option.setAttribute("aria-selected", String(i === rank)));
    this.marked = rank;
    if (rank < 0) return;
    this.input.setAttribute("aria-activedescendant", this.options[rank].id);
    this.options[rank].scrollIntoView({ block: "nearest" });
  }

  /** @param {number} index */
  take(index) {
    const changed = index !== this.index;
    this.index = index;
    this.close();
    if (changed) this.choose(index);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const move = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (move) {
      event.preventDefault();
      if (this.list.hidden) this.open("");
      else if (this.options.length) {
        this.mark((this.marked + move + this.options.length) % this.options.length);
      }
    } else if (event.key === "Enter" && !this.list.hidden && this.marked >= 0) {
      this.take(Number(this.options[this.marked].dataset.index));
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation(); // it means this list alone
      this.close();
    }
  }
}
