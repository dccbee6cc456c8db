// A searchable choice among many classes: the most probable first, all others by typing.
// Follows the ARIA pattern "editable combobox with list autocomplete".

import { h } from "../../shared/page/dom.js";

const MOST_SHOWN = 60;

export class Combobox {
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
      onkeydown: (event) => this.key(event),
    });
    this.element = h("span", { class: "cx-combobox" }, this.input, this.list);
    this.labels = [];
    this.top = [];
  }

  /** All labels, the predictions to offer first, and the index now chosen. */
  set(labels, top, index) {
    this.labels = labels;
    this.top = top;
    this.index = index;
    this.close();
  }

  show(index) {
    this.index = index;
    this.close();
  }

  open(query) {
    const folded = query.trim().toLowerCase();
    const first = this.top
      .filter((prediction) => prediction.label.toLowerCase().includes(folded))
      .map((prediction) => [prediction.index, `${prediction.label}  ${prediction.probability.toFixed(2)}`]);
    const known = new Set(first.map(([index]) => index));
    const matching = this.labels
      .map((text, index) => [index, text, text.toLowerCase().indexOf(folded)])
      .filter(([index, , place]) => place >= 0 && !known.has(index));
    // Where something was typed: labels that begin with it first, the shortest of them before the others.
    if (folded) matching.sort((a, b) => (a[2] > 0) - (b[2] > 0) || a[1].length - b[1].length);
    const others = matching.slice(0, MOST_SHOWN);
    this.options = [...first, ...others].map(([index, text], place) =>
      h(
        "li",
        {
          role: "option",
          id: `${this.id}-${place}`,
          "aria-selected": "false",
          class: place < first.length ? "cx-top" : null,
          // mousedown comes before the input's blur, which closes the list
          onmousedown: (event) => {
            event.preventDefault();
            this.take(index);
          },
          "data-index": index,
        },
        text,
      )
    );
    const rest = others.length === MOST_SHOWN ? [h("li", { class: "cx-more" }, this.t("type to find more"))] : [];
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
    this.input.value = this.labels[this.index] ?? "";
  }

  mark(place) {
    this.options.forEach((option, i) => option.setAttribute("aria-selected", String(i === place)));
    this.marked = place;
    if (place < 0) return;
    this.input.setAttribute("aria-activedescendant", this.options[place].id);
    this.options[place].scrollIntoView({ block: "nearest" });
  }

  take(index) {
    const changed = index !== this.index;
    this.index = index;
    this.close();
    if (changed) this.choose(index);
  }

  key(event) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
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
