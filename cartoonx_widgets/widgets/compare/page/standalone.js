// A comparison as a page that needs neither kernel nor network.

import { showComparison } from "./comparison.js";
import { lifetime } from "../../shared/page/lifetime.js";
import { fill, held } from "../../shared/page/standalone.js";

fill((el) =>
  showComparison({ model: writtenModel(held("texts"), held("messages")), el, signal: lifetime().signal, host: null })
);

/** What stands for a kernel in a page that has none: it says these messages, and answers nothing. */
function writtenModel(texts, messages) {
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);
  let listener = null;
  return {
    get: (name) => (name === "texts" ? texts : undefined),
    on: (_, heard) => (listener = heard),
    off: () => (listener = null),
    send: ({ type }) => {
      if (type === "ready") messages.forEach(({ content, buffers }) => listener?.(content, buffers.map(bytes)));
    },
  };
}
