// A page of a study that is under way reads itself anew, unless somebody is busy with it or wants it to stand still.

const RELOAD_AFTER = 10_000; // milliseconds

const AT_REST = 3000; // since the last thing that somebody did

const FOCUSED = "cartoonx-focused"; // where the focus was, in the session's storage

/**
 * Whether the page is to read itself anew; times in milliseconds.
 * @param {{ now: number, begun: number, touched: number, hidden: boolean, still: boolean }} page `touched`: when
 *   somebody last did something
 */
export const isDue = ({ now, begun, touched, hidden, still }) =>
  now - begun >= RELOAD_AFTER && now - touched >= AT_REST && !hidden && !still;

/**
 * Read the page anew now and then; what it returns ends that.
 * @param {HTMLElement} root
 * @param {() => boolean} isStill whether the page is to stay as it is
 */
export function reloadNowAndThen(root, isStill) {
  const focusable = () => [
    .../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("button, select, summary, [tabindex='0']")),
  ];
  const stored = () => {
    try {
      return globalThis.sessionStorage;
    } catch {
      return null; // a browser may forbid it
    }
  };
  const index = Number(stored()?.getItem(FOCUSED) ?? -1);
  stored()?.removeItem(FOCUSED);
  focusable()[index]?.focus({ preventScroll: true });

  let touched = -Infinity;
  const touch = () => (touched = performance.now());
  const kinds = ["pointerdown", "pointermove", "keydown", "wheel", "input"];
  for (const kind of kinds) document.addEventListener(kind, touch, { passive: true });
  const begun = performance.now();
  const timer = setInterval(() => {
    if (!isDue({ now: performance.now(), begun, touched, hidden: document.hidden, still: isStill() })) return;
    stored()?.setItem(FOCUSED, String(focusable().findIndex((element) => element === document.activeElement)));
    location.reload();
  }, 250);
  return () => {
    clearInterval(timer);
    for (const kind of kinds) document.removeEventListener(kind, touch);
  };
}
