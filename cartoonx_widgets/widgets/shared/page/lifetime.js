// How long what a view made lasts: until its signal is aborted.

/**
 * A controller for one view: it ends with the signal that anywidget gives, or when `abort()` is called.
 *
 * @param {AbortSignal} [signal]
 */
export function lifetime(signal) {
  const controller = new AbortController();
  if (signal) atEnd(signal, () => controller.abort());
  return controller;
}

/**
 * Call `end` once, when the signal is aborted, or now if it has been.
 *
 * @param {AbortSignal} signal
 * @param {() => void} end
 */
export function atEnd(signal, end) {
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
}
