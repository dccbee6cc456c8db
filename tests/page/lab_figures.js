// What the lab's page without a kernel computes of the pictures in a file, for Python to compare: `deno run` with its
// path. Numbers travel as float64 in base64.

import {
  brightness,
  keptBits,
  pickedCoefficient,
  pickedPixel,
} from "../../cartoonx_widgets/widgets/sparsity_lab/page/cells.js";
import { Dwt } from "../../cartoonx_widgets/widgets/sparsity_lab/page/dwt.js";
import { Expansion } from "../../cartoonx_widgets/widgets/sparsity_lab/page/expansion.js";
import { psnr, ssim } from "../../cartoonx_widgets/widgets/sparsity_lab/page/measures.js";
import { resized } from "../../cartoonx_widgets/widgets/sparsity_lab/page/resize.js";
import { bytes } from "../../cartoonx_widgets/widgets/shared/page/bytes.js";

/** @param {any} one */
function figures({ wavelet, picture, size, levels, k, off }) {
  const planes = inPlanes(numbers(picture), 3);
  const expansion = new Expansion(planes, new Dwt(wavelet, size, levels));
  const approximation = expansion.synthesise(expansion.kept(k, expansion.allowed(off)));
  return {
    coefficients: written(expansion.coefficients),
    approximation: written(approximation),
    importance: written([expansion.importance]),
    adjoint: written(planes.map((plane) => expansion.transform.adjoint(plane))),
    energies: expansion.energies(),
    decay: expansion.decay(),
    line: expansion.line(),
    psnr: psnr(planes, approximation),
    ssim: ssim(planes, approximation, size),
  };
}

/** @param {any} one */
function inMosaic({ wavelet, layout, pixels, side, levels, k, cell, pixel }) {
  const planes = inPlanes(Float64Array.from(bytes(pixels), (level) => level / 255), 3);
  const expansion = new Expansion(planes, new Dwt(wavelet, [side, side], levels));
  const [coefficient, picture] = pickedCoefficient(layout, expansion, planes, cell);
  const [covered, strengths] = pickedPixel(layout, expansion, pixel);
  return {
    brightness: [...brightness(layout, expansion)],
    bits: [...keptBits(layout, expansion.kept(k))],
    coefficient,
    picture: written([picture]),
    pixel: covered,
    strengths: [...strengths],
  };
}

/** @param {any} one */
function inSquare({ pixels, n, side }) {
  const all = Uint8ClampedArray.from(bytes(pixels));
  return written(resized(n, side, (row, rows) => all.subarray(4 * row * n, 4 * (row + rows) * n)));
}

/** @param {string} text */
const numbers = (text) => new Float64Array(bytes(text).buffer);

/** @param {Float64Array} values @param {number} count */
function inPlanes(values, count) {
  const length = values.length / count;
  return Array.from({ length: count }, (_, i) => values.slice(i * length, (i + 1) * length));
}

/** @param {Float64Array[]} planes */
function written(planes) {
  const all = Float64Array.from(planes.flatMap((plane) => [...plane]));
  let text = "";
  for (const byte of new Uint8Array(all.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}

const { cases, mosaics, squares } = JSON.parse(Deno.readTextFileSync(Deno.args[0]));
console.log(
  JSON.stringify({
    figures: cases.map(figures),
    mosaics: mosaics.map(inMosaic),
    resized: squares.map(inSquare),
  }),
);
