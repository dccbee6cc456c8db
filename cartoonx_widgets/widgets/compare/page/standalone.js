// A comparison as a page that needs neither kernel nor network.

import { showComparison } from "./comparison.js";
import { bytes } from "../../shared/page/bytes.js";
import { lifetime } from "../../shared/page/lifetime.js";
import { fill, held } from "../../shared/page/standalone.js";

fill((el) => showComparison({ model: writtenModel(held("texts"), held("messages")), el, signal: lifetime().signal }));

/**
 * What replaces the kernel in a page that has none: it sends these messages, and answers nothing.
 * @param {Record<string, string>} texts
 * @param {{ content: object, buffers: string[] }[]} messages with buffers in base64
 * @returns {import("../../shared/page/types.d.ts").Model}
 */
function writtenModel(texts, messages) {
  /** @param {string} text */
  const view = (text) => new DataView(bytes(text).buffer);
  /** @type {((...values: any[]) => void) | null} */
  let listener = null;
  return {
    get: (name) => (name === "texts" ? texts : undefined),
    set() {},
    save_changes() {},
    on: (_, listen) => (listener = listen),
    off: () => (listener = null),
    send(content) {
      if (!("type" in content) || content.type !== "ready") return;
      messages.forEach(({ content, buffers }) => listener?.(content, buffers.map(view)));
    },
  };
}
