// A tour: a card that points at one control or panel after another. It is offered once, and begins when it is asked for.

import { group, h } from "./dom.js";
import { atEnd, lifetime } from "./lifetime.js";

const GAP = 8; // pixels between the card and what it points at

/** The tours that some widget of the page offers; each widget has a module of its own. */
const page = /** @type {Record<symbol, Set<string>>} */ (/** @type {unknown} */ (globalThis));
const offered = page[Symbol.for("cartoonx_widgets tours")] ??= new Set();

/** @import { Translator } from "./types.d.ts" */

/**
 * @typedef {object} TourStep
 * @property {HTMLElement} target what the card points at
 * @property {string} title
 * @property {string} text what it shows, and what to try
 * @property {boolean} [atEnd] whether the card stands at its right end, and not at its left one
 */

export class Tour {
  at = 0;
  /** How long the card is open. */
  open = lifetime();

  /**
   * @param {Translator} t
   * @param {HTMLElement} root of the widget
   * @param {object} tour
   * @param {string} tour.name by which the browser remembers it
   * @param {TourStep[]} tour.steps
   * @param {AbortSignal} tour.signal the end of the view
   */
  constructor(t, root, { name, steps, signal }) {
    this.t = t;
    this.root = root;
    this.name = name;
    this.steps = steps;
    this.signal = signal;
    const count = steps.length;
    const start = () => this.start();
    this.button = h(
      "button",
      { title: t("See what is where, in {count} steps", { count }), onclick: start },
      t("Tour"),
    );
    const decline = t("Do not offer the tour again");
    this.offer = h(
      "div",
      { class: "cx-offer", hidden: true },
      t("New here?"),
      h("button", { title: this.button.title, onclick: start }, t("Take the tour: {count} steps", { count })),
      h("button", { title: decline, "aria-label": decline, onclick: () => this.settle() }, "✕"),
    );
    const id = `cx-${Math.random().toString(36).slice(2)}`;
    this.heading = h("h3", { id });
    this.text = h("p", { id: `${id}-text` });
    this.back = h("button", { title: t("The step before (left arrow)"), onclick: () => this.go(-1) }, t("Back"));
    this.next = h("button", { onclick: () => this.go(1) });
    this.where = h("span", { class: "cx-caption" });
    this.skip = h("button", { title: t("End the tour (Escape)"), onclick: () => this.end() }, t("Skip"));
    this.card = h(
      "div",
      { class: "cx-tour", role: "dialog", "aria-labelledby": id, "aria-describedby": this.text.id },
      this.heading,
      this.text,
      group(this.back, this.next, this.where, this.skip),
    );
  }

  /** Offer it, unless it has been taken or declined in this browser, or is offered in this page already. */
  offerOnce() {
    if (offered.has(this.name) || !isNew(this.name)) return;
    offered.add(this.name);
    atEnd(this.signal, () => offered.delete(this.name));
    this.offer.hidden = false;
  }

  /** It has been taken or declined: it is not offered again. */
  settle() {
    if (!this.offer.hidden) this.button.focus({ preventScroll: true });
    this.offer.hidden = true;
    remember(this.name);
  }

  start() {
    this.settle();
    this.end();
    this.open = lifetime(this.signal);
    const { signal } = this.open;
    this.root.addEventListener("keydown", (event) => this.press(event), { capture: true, signal });
    const resized = new ResizeObserver(() => this.place());
    resized.observe(this.root);
    atEnd(signal, () => resized.disconnect());
    this.at = 0;
    this.go(0);
  }

  /** @param {number} by how many steps */
  go(by) {
    const { t, steps, card } = this;
    this.target.classList.remove("cx-pointed");
    if (this.at + by === steps.length) return this.end();
    this.at = Math.max(0, this.at + by);
    const { title, text } = steps[this.at];
    const isLast = this.at === steps.length - 1;
    this.heading.textContent = title;
    this.text.textContent = text;
    this.where.textContent = t("{step} of {count}", { step: this.at + 1, count: steps.length });
    this.back.disabled = this.at === 0;
    this.next.textContent = isLast ? t("Done") : t("Next");
    this.next.title = isLast ? this.skip.title : t("The next step (right arrow or Enter)");
    this.skip.hidden = isLast;
    this.target.classList.add("cx-pointed");
    this.target.after(card); // so that Tab leads on from there
    this.target.scrollIntoView({ block: "nearest" });
    this.place();
    this.next.focus({ preventScroll: true }); // a screen reader then reads the card
    card.scrollIntoView({ block: "nearest" });
  }

  end() {
    const hadFocus = this.card.matches(":focus-within");
    this.target.classList.remove("cx-pointed");
    this.card.remove();
    this.open.abort();
    if (hadFocus) this.button.focus({ preventScroll: true });
  }

  get target() {
    return this.steps[this.at].target;
  }

  /** @private */
  place() {
    const { card } = this;
    const [box, target] = [this.root, this.target].map((element) => element.getBoundingClientRect());
    const size = { width: card.offsetWidth, height: card.offsetHeight };
    const side = this.steps[this.at].atEnd ? target.right - size.width : target.left;
    const { left, top } = placeCard(
      { left: side - box.left, top: target.top - box.top, height: target.height },
      size,
      box,
    );
    card.style.left = `${left}px`;
    card.style.top = `${top}px`;
  }

  /** @private @param {KeyboardEvent} event */
  press(event) {
    const by = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1 })[event.key];
    if (event.key === "Escape") this.end();
    else if (by && this.card.matches(":focus-within")) this.go(by);
    else return;
    event.preventDefault();
    event.stopPropagation(); // it means the tour alone
  }
}

/**
 * Where a card stands in a widget: below what it points at, else above, else at the widget's lower end, over it. All in
 * pixels from the widget's upper left corner.
 * @param {{ left: number, top: number, height: number }} target `left` is where the card begins, if it has room there
 * @param {{ width: number, height: number }} card
 * @param {{ width: number, height: number }} box of the widget
 */
export function placeCard(target, card, box) {
  const below = target.top + target.height + GAP;
  const above = target.top - card.height - GAP;
  const end = Math.max(0, box.height - card.height - GAP);
  return {
    left: Math.max(0, Math.min(target.left, box.width - card.width - GAP)),
    top: below <= end ? below : above >= 0 ? above : end,
  };
}

/**
 * Whether a tour may be offered: the browser can remember that it was, and has not been told so yet.
 * @param {string} name
 * @param {() => Pick<Storage, "getItem" | "setItem">} storage where a browser may refuse it
 */
export function isNew(name, storage = () => localStorage) {
  try {
    if (storage().getItem(key(name)) === "known") return false;
    storage().setItem(key(name), "offered"); // which fails where there is no room
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} name
 * @param {() => Pick<Storage, "getItem" | "setItem">} storage
 */
export function remember(name, storage = () => localStorage) {
  try {
    storage().setItem(key(name), "known");
  } catch {
    // then it has not been offered, and is not
  }
}

/** @param {string} name */
const key = (name) => `cartoonx_widgets tour: ${name}`;
