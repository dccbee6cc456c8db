// The colours of the page around a widget, whichever program shows it.

/** Attributes by which programs change their theme. */
const NAMED = ["class", "style", "theme", "data-theme", "data-mode", "data-jp-theme-light", "data-jp-theme-name"];
const CONDITIONS = ["(prefers-color-scheme: dark)", "(forced-colors: active)"];
const LEAST_APART = 0.35; // of luminance, between a text and what is behind it

/** @type {Map<string, [red: number, green: number, blue: number, alpha: number]>} */
const known = new Map();
/** @type {OffscreenCanvasRenderingContext2D | null} */
let canvas = null;

/**
 * A colour in any of CSS's notations as red, green, blue and alpha, 0 to 255.
 * @param {string} colour
 * @returns {[red: number, green: number, blue: number, alpha: number]}
 */
function components(colour) {
  let found = known.get(colour);
  if (!found) {
    canvas ??= /** @type {OffscreenCanvasRenderingContext2D} */ (
      new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })
    );
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    found = [red, green, blue, alpha];
    known.set(colour, found);
  }
  return found;
}

/**
 * A colour as Plotly reads it.
 * @param {string} colour
 */
export function plain(colour) {
  const [red, green, blue, alpha] = components(colour);
  return `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
}

/**
 * How bright a colour is, 0 to 1.
 * @param {string} colour
 */
function luminance(colour) {
  const [red, green, blue] = components(colour);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/**
 * The elements that hold this one, from the inner to the outer, also those outside of a shadow root.
 * @param {Element} element
 */
function holders(element) {
  const found = [];
  for (let node = outer(element); node; node = outer(node)) found.push(node);
  return found;
}

/**
 * @param {Element} element
 * @returns {Element | null}
 */
function outer(element) {
  const root = element.parentElement ? null : element.getRootNode();
  return root instanceof ShadowRoot ? root.host : element.parentElement;
}

/**
 * Give a widget the colours of what is around it, for where its style sheet knows no better, and say whether it stands
 * on dark ground. Returns what these colours are, as one text.
 * @param {HTMLElement} root
 */
export function takeColours(root) {
  const around = holders(root);
  const ink = around.length ? getComputedStyle(around[0]).color : "#1f1f1f";
  const grounds = around.map((element) => getComputedStyle(element).backgroundColor);
  let ground = grounds.find((colour) => components(colour)[3] > 127) ?? "Canvas";
  if (Math.abs(luminance(ink) - luminance(ground)) < LEAST_APART) ground = luminance(ink) > 0.5 ? "#16181b" : "#ffffff";
  root.style.setProperty("--cx-ink-around", ink);
  root.style.setProperty("--cx-ground-around", ground);
  const style = getComputedStyle(root);
  root.classList.toggle("cx-dark", luminance(style.backgroundColor) < 0.5);
  return [style.color, style.backgroundColor, ground].join();
}

/**
 * Call `look` when the theme may have changed; what it returns ends that.
 * @param {HTMLElement} root
 * @param {() => void} look
 */
export function watchTheme(root, look) {
  const controller = new AbortController();
  const { signal } = controller;
  let due = false;
  // JupyterLab hides the page while it changes its theme.
  const soon = () => {
    if (!due) requestAnimationFrame(() => ((due = false), signal.aborted || look()));
    due = true;
  };
  const observer = new MutationObserver(soon);
  for (const element of holders(root)) observer.observe(element, { attributes: true, attributeFilter: NAMED });
  for (const condition of CONDITIONS) matchMedia(condition).addEventListener("change", soon, { signal });
  return () => {
    observer.disconnect();
    controller.abort();
  };
}
