// Shows a widget in a page of its own: holds its model, and speaks with the server by a websocket.

import { framed, unframed } from "../../widgets/shared/page/frames.js";
import { Parts } from "../../widgets/shared/page/parts.js";
import { translator } from "../../widgets/shared/page/texts.js";

/**
 * @import { Model } from "../../widgets/shared/page/types.d.ts"
 * @typedef {(...values: any[]) => void} Listener
 * @typedef {{ method: string, content?: any, state?: Record<string, any>, place?: number, of?: number,
 *   reason?: string }} Message
 */

const RETRIES = [500, 1_000, 2_000, 5_000]; // milliseconds; then the last again and again
const OPEN_ELSEWHERE = 4001;
const CROWDED = 4002;
const TOO_LARGE = 1009; // of RFC 6455, section 7.4.1, as the next two
const REFUSED = [1007, 1013];
// A connection that is lost so soon after large messages has been cut, if that happens again and again.
const SOON = 10_000; // milliseconds
const LARGE = 250_000; // bytes
const CUTS = 3;

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const t = translator(JSON.parse(element("texts").textContent));

/**
 * What stands for a widget in the page, as anywidget's models do.
 * @implements {Model}
 */
class PageModel {
  /** @type {Map<string, Set<Listener>>} */
  #listeners = new Map();
  /** @type {Record<string, unknown>} */
  #changed = {};
  #state;

  /**
   * @param {Record<string, any>} state
   * @param {(message: object, buffers?: ArrayBuffer[]) => void} say sends a message to the server
   */
  constructor(state, say) {
    this.#state = state;
    this.say = say;
  }

  /** @param {string} name */
  get(name) {
    return this.#state[name];
  }

  /** @param {string} name @param {unknown} value */
  set(name, value) {
    this.#changed[name] = value;
    this.take({ [name]: value });
  }

  save_changes() {
    this.say({ method: "update", state: this.#changed });
    this.#changed = {};
  }

  /** @param {string} event @param {Listener} listener */
  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event)?.add(listener);
  }

  /** @param {string} event @param {Listener} [listener] */
  off(event, listener) {
    if (listener) this.#listeners.get(event)?.delete(listener);
    else this.#listeners.delete(event);
  }

  /** @param {object} content @param {undefined} [_callbacks] @param {ArrayBuffer[]} [buffers] */
  send(content, _callbacks, buffers = []) {
    this.say({ method: "custom", content }, buffers);
  }

  /** @param {Record<string, any>} state what has changed */
  take(state) {
    for (const [name, value] of Object.entries(state)) {
      if (this.#state[name] === value) continue;
      this.#state[name] = value;
      this.tell(`change:${name}`);
    }
  }

  /** @param {string} event @param {any[]} values */
  tell(event, ...values) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...values);
  }
}

/** The teacher's explorer in the page of a follower, who looks back by the frames that the page has kept. */
class FollowedModel extends PageModel {
  /** @type {Map<string, [any, DataView[]]>} the newest message of each kind but frames */
  #newest = new Map();
  /** @type {[any, DataView[]][]} */
  #frames = [];

  /** @param {any} content @param {DataView[]} buffers */
  hear(content, buffers) {
    if (content.type === "setup" && content.run !== this.#newest.get("setup")?.[0].run) {
      this.#newest.clear();
      this.#frames = [];
    }
    if (content.type === "frame") content = this.#keep(content, buffers);
    else this.#newest.set(content.type, [content, buffers]);
    this.tell("msg:custom", content, buffers);
  }

  /**
   * Keep a frame, or the newest one again with another band. Frames that the server has thinned out leave no gaps.
   * @param {any} content @param {DataView[]} buffers
   */
  #keep(content, buffers) {
    if (this.#frames.at(-1)?.[0].index === content.index) this.#frames.pop();
    return { ...content, index: this.#frames.push([content, buffers]) - 1 };
  }

  /** @param {any} content */
  send(content) {
    if (content.type === "library") return super.send(content);
    if (content.type === "ready") {
      for (const [newest, buffers] of this.#newest.values()) this.tell("msg:custom", newest, buffers);
      this.#show(null);
    }
    if (content.type === "frame") this.#show(content.index);
  }

  /** @param {number | null} index null for the newest */
  #show(index) {
    const place = index ?? this.#frames.length - 1;
    const kept = this.#frames[place];
    if (kept) this.tell("msg:custom", { ...kept[0], index: place, live: index === null }, kept[1]);
  }
}

/** The widget of this page, and the connection that it needs. */
class WidgetPage {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {PageModel | null} */
  #model = null;
  #view = new AbortController();
  #failures = 0;
  #parts = new Parts();
  #largeAt = NaN; // when a large message was sent or expected
  #cuts = 0;

  /** @param {string} name of the page */
  constructor(name) {
    this.name = name;
  }

  connect() {
    const query = new URLSearchParams(location.search);
    query.set("visit", visit());
    const address = new URL(`/${this.name}/socket?${query}`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    this.#parts = new Parts();
    socket.onmessage = ({ data }) => {
      const [message, buffers] = typeof data === "string" ? [JSON.parse(data), []] : unframed(data);
      const whole = message.method === "part" ? this.#parts.take(message, buffers[0]) : [message, buffers];
      if (whole) this.#hear(whole[0], whole[1]);
    };
    socket.onclose = ({ code, reason }) => this.#lose(code, reason);
    this.#socket = socket;
  }

  /** @param {Message} message @param {DataView[]} buffers */
  #hear({ method, content, state = {}, place, of, reason }, buffers) {
    this.#failures = 0;
    if (method === "open") this.#open(state);
    else if (method === "waiting") {
      say(
        t("All places are taken. You are number {place} of {of} who wait; this page opens by itself.", { place, of }),
      );
    } else if (method === "failed") say(t("This page could not be made: {reason}", { reason }));
    else if (method === "nothing") say(t("The teacher has not begun. This page begins by itself."));
    else if (method === "update") this.#model?.take(state);
    else if (method === "custom" && this.#model instanceof FollowedModel) this.#model.hear(content, buffers);
    else if (method === "custom") this.#model?.tell("msg:custom", content, buffers);
  }

  /** @param {Record<string, any>} state of the widget */
  async #open(state) {
    this.#largeAt = performance.now(); // plotly.js is asked for
    this.#view.abort();
    this.#view = new AbortController();
    const { signal } = this.#view;
    const Kind = this.name === "follow" ? FollowedModel : PageModel;
    const model = this.#model = new Kind(state, (message, buffers = []) => this.#say(message, buffers));
    try {
      const { default: widget } = await import(`/${this.name}.js`);
      if (signal.aborted) return;
      const el = document.createElement("div");
      element("widget").replaceChildren(el);
      say("");
      await widget.render({ model, el, signal });
    } catch (error) {
      say(t("This page could not be made: {reason}", { reason: /** @type {Error} */ (error).message }));
    }
  }

  /** @param {object} message @param {ArrayBuffer[]} buffers */
  #say(message, buffers) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (buffers.some(({ byteLength }) => byteLength > LARGE)) this.#largeAt = performance.now();
    this.#socket.send(buffers.length ? framed(message, buffers) : JSON.stringify(message));
  }

  /** @param {number} code @param {string} reason */
  async #lose(code, reason) {
    if (code === OPEN_ELSEWHERE) return say(t("This page is open elsewhere. Reload it to go on here."));
    if (code === CROWDED) return say(t("As many pages are open as this server allows. Reload this one later."));
    const after = performance.now() - this.#largeAt;
    this.#largeAt = NaN;
    if (after < SOON) this.#cuts++;
    else if (after >= SOON) this.#cuts = 0;
    if (code === TOO_LARGE || this.#cuts >= CUTS) {
      return say(
        t(
          "Large messages are cut off on their way. Ask whoever runs the proxy or network before this server to let messages of 5 MB pass; then reload this page.",
        ),
      );
    }
    if (REFUSED.includes(code)) return say(t("The connection was closed ({reason}). Reload this page.", { reason }));
    const wait = RETRIES[Math.min(this.#failures++, RETRIES.length - 1)];
    say(t("The connection is lost. Trying again …"));
    await new Promise((resolve) => setTimeout(resolve, wait));
    const answer = await fetch("/", { redirect: "manual" }).catch(() => null);
    if (answer?.status === 403) return say(t("The server was started again: open the address that it prints now."));
    this.connect();
  }
}

/** The secret by which this tab finds its widget again after a reload. */
function visit() {
  let known = sessionStorage.getItem("visit");
  if (!known) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    known = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    sessionStorage.setItem("visit", known);
  }
  return known;
}

/** @param {string} text what the reader is told; nothing for "" */
function say(text) {
  element("state").textContent = text;
  element("state").hidden = !text;
}

/** The theme of the reader's system, in JupyterLab's words. */
const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => {
  document.body.dataset.jpThemeLight = String(!dark.matches);
};
dark.addEventListener("change", theme);
theme();

const page = /** @type {HTMLElement} */ (document.querySelector("main"));
new WidgetPage(String(page.dataset.page)).connect();
