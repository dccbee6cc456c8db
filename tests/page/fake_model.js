// A model without a kernel: it remembers what is sent and set, and says what a test lets it say.

/** @implements {Model} */
export class FakeModel {
  /** @type {any[]} */
  sent = [];
  saves = 0;
  /** @type {Map<string, Set<(...values: any[]) => void>>} */
  listeners = new Map();

  /** @param {Record<string, unknown>} traits */
  constructor(traits = {}) {
    this.traits = traits;
  }

  /** @param {string} name @returns {any} */
  get(name) {
    return this.traits[name];
  }

  /** @param {string} name @param {unknown} value */
  set(name, value) {
    this.traits[name] = value;
    this.emit(`change:${name}`);
  }

  save_changes() {
    this.saves++;
  }

  /** @param {object} content */
  send(content) {
    this.sent.push(content);
  }

  /** @param {string} event @param {(...values: any[]) => void} listener */
  on(event, listener) {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }

  /** @param {string} event @param {(...values: any[]) => void} [listener] */
  off(event, listener) {
    if (listener) this.listeners.get(event)?.delete(listener);
    else this.listeners.delete(event);
  }

  /** @param {string} event @param {any[]} values */
  emit(event, ...values) {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(...values);
  }

  /** A message of the kernel. @param {object} content @param {DataView<ArrayBuffer>[]} buffers */
  receive(content, buffers = []) {
    this.emit("msg:custom", content, buffers);
  }

  /** How many listeners there are. */
  get count() {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}

/** @typedef {import("../../cartoonx_widgets/widgets/shared/page/types.d.ts").Model} Model */
