// A picture of the reader's own, read by the browser: its centre, at the lab's size.

import { resized, STRIP } from "./resize.js";

/** @import { Translator } from "../../shared/page/types.d.ts" */

/**
 * Red, green and blue in [0, 1] of the centre of a picture, over white where it is transparent.
 * @param {Promise<ImageBitmap>} decoded
 * @param {{ name: string, side: number, limits: { side: number, pixels: number }, t: Translator }} options what the
 *   picture is called, pixels a side that are wanted, what a picture may have, and the reader's language
 */
export async function readPicture(decoded, { name, side, limits, t }) {
  const bitmap = await decoded.catch(() => {
    throw new Error(t("{name} is no picture that this browser reads; choose a PNG, a JPEG or a WebP", { name }));
  });
  try {
    const { width, height } = bitmap;
    const size = { name, width, height, side: limits.side, millions: limits.pixels / 1e6 };
    if (Math.min(width, height) < limits.side) {
      throw new Error(
        t("{name} has {width} × {height} pixels; allowed are {side} × {side} or more: choose a larger one", size),
      );
    }
    if (width * height > limits.pixels) {
      throw new Error(
        t("{name} has {width} × {height} pixels; allowed are {millions} million in all: shrink it first", size),
      );
    }
    return centre(bitmap, side);
  } finally {
    bitmap.close();
  }
}

/**
 * @param {ImageBitmap} bitmap
 * @param {number} side
 */
function centre(bitmap, side) {
  const n = Math.min(bitmap.width, bitmap.height);
  const [top, left] = [bitmap.height, bitmap.width].map((all) => Math.floor((all - n + 1) / 2));
  // A strip at a time: browsers limit how large a canvas may be.
  const canvas = new OffscreenCanvas(n, Math.min(n, STRIP));
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    canvas.getContext("2d", { willReadFrequently: true })
  );
  context.fillStyle = "white";
  return resized(n, side, (row, rows) => {
    context.fillRect(0, 0, n, rows);
    context.drawImage(bitmap, left, top + row, n, rows, 0, 0, n, rows);
    return context.getImageData(0, 0, n, rows).data;
  });
}

/**
 * Pictures below each other, cut off to [0, 1], as pixels.
 * @param {Float64Array[][]} pictures the three colours of each
 * @param {readonly [number, number]} size rows and columns of each
 */
export function asPixels(pictures, [rows, columns]) {
  const image = new ImageData(columns, pictures.length * rows);
  const { data } = image;
  data.fill(255);
  pictures.forEach((planes, index) => {
    const from = 4 * index * rows * columns;
    planes.forEach((plane, colour) => {
      for (let i = 0, to = from + colour; i < plane.length; i++, to += 4) data[to] = 255 * plane[i]; // clamps, rounds
    });
  });
  return image;
}
