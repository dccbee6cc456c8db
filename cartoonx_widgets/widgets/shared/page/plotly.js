// plotly.js, which comes to a page once: whoever needs it first asks its kernel, and all widgets share what arrives.

import { gunzipped } from "./bytes.js";
import { atEnd } from "./lifetime.js";

/** @import { Plotly } from "./plotly.d.ts" */

const ASK_AGAIN = 10_000; // milliseconds: a kernel may end before it answers
const LOOK_AGAIN = 1_000;

/**
 * What the widgets of a page share of one version of the library.
 *
 * @typedef {object} Shared
 * @property {Plotly | null} library null until it is here
 * @property {Promise<Plotly>} promise
 * @property {(library: Plotly) => void} resolve
 * @property {number} asked when a kernel was last asked, in milliseconds
 * @property {AbortSignal | null} asker the end of the view that asked
 * @property {Promise<Plotly> | null} taken what arrived, while it is unpacked and read
 */

/** @type {Shared} */
let shared = waiting();

/** @returns {Shared} */
function waiting() {
  /** @type {PromiseWithResolvers<Plotly>} */
  const { promise, resolve } = Promise.withResolvers();
  return { library: null, promise, resolve, asked: -Infinity, asker: null, taken: null };
}

/**
 * Say which version of the library this module draws with.
 *
 * @param {string} version
 */
export function useVersion(version) {
  const page = /** @type {Record<symbol, Shared>} */ (/** @type {unknown} */ (globalThis));
  shared = page[Symbol.for(`cartoonx_widgets ${version}`)] ??= waiting();
}

/** The library, or null where it is not here yet. */
export const plotlyNow = () => shared.library;

/** The library, once it is here. */
export const plotly = () => shared.promise;

/**
 * See to it that the library comes: `ask` is called unless another widget has asked a moment ago, and again while
 * nothing has come.
 *
 * @param {() => void} ask
 * @param {AbortSignal} signal
 */
export function needPlotly(ask, signal) {
  const check = () => {
    if (shared.library) clearInterval(timer);
    else if (performance.now() - shared.asked > ASK_AGAIN) {
      shared.asked = performance.now();
      shared.asker = signal;
      ask();
    }
  };
  const timer = setInterval(check, LOOK_AGAIN);
  atEnd(signal, () => {
    clearInterval(timer);
    if (shared.asker === signal) shared.asked = -Infinity; // its kernel may answer nobody: another view asks at once
  });
  check();
}

/**
 * Take the library as it was sent: JavaScript that is one expression, compressed by gzip. The first to arrive is kept.
 *
 * @param {BufferSource} packed
 */
export async function takePlotly(packed) {
  const mine = shared; // another version may be named meanwhile
  mine.taken ??= gunzipped(packed).then(evaluated);
  try {
    mine.library = await mine.taken;
    mine.resolve(mine.library);
  } catch (error) {
    mine.taken = null;
    throw error;
  }
}

/**
 * The value of an expression, as a module where the page allows it, as a function elsewhere.
 *
 * @param {Blob} expression
 */
async function evaluated(expression) {
  const module = ["export default (", expression, ");"];
  const url = URL.createObjectURL(new Blob(module, { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } catch {
    return new Function(`return (${await expression.text()});`)();
  } finally {
    URL.revokeObjectURL(url);
  }
}
