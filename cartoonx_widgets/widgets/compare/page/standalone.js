// A comparison as a page that needs neither kernel nor network.

import { fill, held } from "../../shared/page/standalone.js";
import { showComparison } from "./comparison.js";

fill((place) => showComparison(place, writtenModel(held("texts"), held("messages"))));

/** What stands for a kernel in a page that has none: it says these messages, and answers nothing. */
function writtenModel(texts, messages) {
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);
  let listener = null;
  return {
    get: () => texts,
    on: (_, heard) => (listener = heard),
    off: () => (listener = null),
    send: ({ type }) => {
      if (type === "ready") messages.forEach(({ content, buffers }) => listener?.(content, buffers.map(bytes)));
    },
  };
}
