// A page of a study that is under way reads itself anew, unless somebody is busy with it or wants it to stand still.

const RELOAD_AFTER = 10_000; // milliseconds

const AT_REST = 3000; // since the last thing that somebody did

const FOCUSED = "cartoonx-focused"; // where the focus was, in the session's storage

/** `isStill()` says whether the page is to stay as it is. What it returns ends it. */
export function reloadNowAndThen(root, isStill) {
  const focusable = () => [...root.querySelectorAll("button, select, summary, [tabindex='0']")];
  const stored = () => {
    try {
      return globalThis.sessionStorage;
    } catch {
      return null; // a browser may forbid it
    }
  };
  const place = Number(stored()?.getItem(FOCUSED) ?? -1);
  stored()?.removeItem(FOCUSED);
  focusable()[place]?.focus({ preventScroll: true });

  let touched = -Infinity;
  const touch = () => (touched = performance.now());
  const kinds = ["pointerdown", "pointermove", "keydown", "wheel", "input"];
  for (const kind of kinds) document.addEventListener(kind, touch, { passive: true });
  const begun = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - begun < RELOAD_AFTER || now - touched < AT_REST || document.hidden || isStill()) return;
    stored()?.setItem(FOCUSED, String(focusable().indexOf(document.activeElement)));
    location.reload();
  }, 250);
  return () => {
    clearInterval(timer);
    for (const kind of kinds) document.removeEventListener(kind, touch);
  };
}
