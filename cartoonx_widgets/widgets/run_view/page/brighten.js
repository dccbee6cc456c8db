// A switch that shows a dark picture brightened: penalties on brightness make cartoons dark. Only the screen changes.

import { h } from "../../shared/page/dom.js";

/**
 * @import { PicturePanel } from "../../shared/page/picture.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

const BRIGHT = 0.99; // this share of the pixels is at most white
const MOST = 20;

/**
 * The switch of a panel; while it is pressed it says by how much the picture is brightened.
 * @param {Translator} t
 * @param {PicturePanel} panel
 */
export function brightener(t, panel) {
  let on = false;
  const button = h(
    "button",
    {
      class: "cx-small cx-brighten",
      "aria-pressed": "false",
      title: t("Show the picture brightened; what is measured and saved stays as it is"),
      onclick: () => {
        on = !on;
        button.setAttribute("aria-pressed", String(on));
        apply();
      },
    },
    t("brighten"),
  );
  async function apply() {
    const { source } = panel;
    const factor = on && source ? factorOf(await pixels(source)) : 1;
    if (source !== panel.source) return; // another one is shown meanwhile
    panel.stage.image.style.filter = on ? `brightness(${factor})` : "";
    button.textContent = on ? `× ${factor.toFixed(1)}` : t("brighten");
  }
  panel.shown = () => {
    if (on) apply();
  };
  return button;
}

/**
 * What brings the brightest pixels of a picture to white, at least 1.
 * @param {ArrayLike<number>} data red, green, blue and opacity of each pixel, 0 to 255
 */
export function factorOf(data) {
  const brightest = [];
  for (let i = 0; i < data.length; i += 4) brightest.push(Math.max(data[i], data[i + 1], data[i + 2]));
  brightest.sort((a, b) => a - b);
  const bright = brightest[Math.floor(BRIGHT * (brightest.length - 1))];
  return Math.min(MOST, Math.max(1, 255 / Math.max(1, bright)));
}

/** @param {string} source a data URL */
async function pixels(source) {
  const image = h("img", { src: source });
  await image.decode();
  const canvas = h("canvas", { width: image.naturalWidth, height: image.naturalHeight });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height).data;
}
