// The comparison as a widget.

import { showComparison } from "./comparison.js";
import { lifetime } from "../../shared/page/lifetime.js";

/** @param {import("../../shared/page/types.d.ts").Host} host */
function render({ model, el, signal, host }) {
  const life = lifetime(signal);
  showComparison({ model, el, signal: life.signal, host });
  return () => life.abort();
}

export default { render };
