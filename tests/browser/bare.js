// A page with nothing but a widget's module: what stands for its model, and what it says was said by a real widget.

/** @typedef {{ content: { type: string }, buffers: DataView[] }} Message */

/** Observers and timers that are not yet done with; listeners and nodes are counted by the browser. */
const running = new Set();

/** @param {"ResizeObserver" | "MutationObserver"} name */
function countObservers(name) {
  const Plain = /** @type {any} */ (globalThis[name]);
  const Counted = class extends Plain {
    /** @param {any[]} what */
    observe(...what) {
      running.add(this);
      super.observe(...what);
    }

    disconnect() {
      running.delete(this);
      super.disconnect();
    }
  };
  Object.assign(globalThis, { [name]: Counted });
}
countObservers("ResizeObserver");
countObservers("MutationObserver");
const { setInterval: begin, clearInterval: finish } = globalThis;
Object.assign(globalThis, {
  /** @param {any[]} timer */
  setInterval(...timer) {
    const id = /** @type {any} */ (begin)(...timer);
    running.add(id);
    return id;
  },
  /** @param {number} id */
  clearInterval(id) {
    running.delete(id);
    finish(id);
  },
});

/** A model whose kernel answers each kind of message by what a real one answered once. */
class Model {
  /** @type {Map<string, Set<(...values: any[]) => void>>} */
  listeners = new Map();
  /** @type {any[]} */
  sent = [];
  isGone = false;

  /** @param {Record<string, any>} state @param {Record<string, Message[]>} answers */
  constructor(state, answers) {
    this.state = state;
    this.answers = answers;
  }

  /** @param {string} name */
  get(name) {
    return this.state[name];
  }

  /** @param {string} name @param {unknown} value */
  set(name, value) {
    const changed = this.state[name] !== value;
    this.state[name] = value;
    if (changed) this.emit(`change:${name}`);
  }

  save_changes() {}

  /** @param {string} event @param {(...values: any[]) => void} listener */
  on(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, new Set());
    this.listeners.get(event)?.add(listener);
  }

  /** @param {string} event @param {(...values: any[]) => void} listener */
  off(event, listener) {
    this.listeners.get(event)?.delete(listener);
  }

  /** @param {string} event @param {unknown[]} values */
  emit(event, ...values) {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(...values);
  }

  /** @param {{ type: string }} content */
  send(content) {
    if (this.isGone) throw new Error("the comm is closed");
    this.sent.push(content);
    const answers = this.answers[content.type] ?? [];
    setTimeout(() => answers.forEach((message) => this.receive(message)));
  }

  /** @param {Message} message */
  receive({ content, buffers }) {
    this.emit("msg:custom", structuredClone(content), buffers);
  }

  get count() {
    return [...this.listeners.values()].reduce((sum, some) => sum + some.size, 0);
  }

  get running() {
    return running.size;
  }
}

/** @param {string} text base64 */
const view = (text) => new DataView(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);

/** @param {{ content: any, buffers: string[] }} message as Python writes it */
const message = ({ content, buffers }) => ({ content, buffers: buffers.map(view) });

/** A widget in this page: opened and closed as often as one likes. */
class Bare {
  /** @type {{ el: HTMLElement, controller: AbortController, end: () => void }[]} */
  views = [];

  /** @param {any} module @param {Model} model */
  constructor(module, model) {
    this.module = module;
    this.model = model;
  }

  /**
   * @param {string} esm
   * @param {Record<string, any>} state
   * @param {Record<string, { content: any, buffers: string[] }[]>} answers
   */
  static async load(esm, state, answers) {
    const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
    const module = (await import(url)).default;
    const received = Object.fromEntries(Object.entries(answers).map(([type, some]) => [type, some.map(message)]));
    return new Bare(module, new Model(state, received));
  }

  /** @param {{ host?: object }} [options] */
  async open({ host } = {}) {
    const el = document.createElement("div");
    document.body.append(el);
    const controller = new AbortController();
    const end = await this.module.render({ model: this.model, el, signal: controller.signal, host });
    this.views.push({ el, controller, end });
  }

  close() {
    const last = this.views.pop();
    last?.controller.abort();
    last?.end?.();
    last?.el.remove();
  }

  /** @param {{ content: any, buffers: string[] }} received */
  receive(received) {
    this.model.receive(message(received));
  }
}

Object.assign(globalThis, { Bare });
