// The tour of the sparsity lab.

/**
 * @import { LabCharts } from "./charts.js"
 * @import { Closeup } from "./closeup.js"
 * @import { LabControls } from "./controls.js"
 * @import { TourStep } from "../../shared/page/tour.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * @param {Translator} t
 * @param {object} parts
 * @param {LabControls} parts.controls
 * @param {Closeup} parts.closeup
 * @param {HTMLElement} parts.pictures from k numbers of each basis
 * @param {LabCharts} parts.charts
 * @returns {TourStep[]}
 */
export const tourSteps = (t, { controls, closeup, pictures, charts }) => [
  {
    target: controls.first,
    title: t("Picture and representation"),
    text: t(
      "A picture, and what it is taken apart into: wavelets of several kinds, or shearlets. Try one of the drawings, or a photograph of your own.",
    ),
  },
  {
    target: closeup.picture.element,
    title: t("Picture"),
    text: t(
      "What is taken apart. Click a pixel: the coefficients whose wavelets cover it turn blue beside it, and below stands how many there are at each scale.",
    ),
  },
  {
    target: closeup.mosaic.element,
    title: t("Coefficients"),
    text: t(
      "Each tile is a band, with the large coefficients bright and those that are kept in colour. Click a coefficient to see the wavelet that it stands for.",
    ),
  },
  {
    target: controls.bands.element,
    title: t("Scales and orientations"),
    text: t(
      "Each button drops a scale or an orientation, whatever the size of its coefficients. Switch scale 1 off, which has most of them, and see how little is lost.",
    ),
  },
  {
    target: controls.second,
    atEnd: true, // the picture to watch is on the left
    title: t("The k largest"),
    text: t(
      "Only the k largest coefficients are kept. Move the slider down until you no longer know the picture: how few are enough?",
    ),
  },
  {
    target: pictures,
    title: t("Four bases"),
    text: t(
      "What the k largest numbers of each basis give; PSNR and SSIM below each say how near it comes to the picture, and higher is nearer. Compare them at 5 % and at 1 %.",
    ),
  },
  {
    target: charts.element,
    title: t("Over all k"),
    text: t(
      "PSNR and SSIM for every k, and the coefficients by size: the faster they fall, the fewer are needed. Take the drawing of noise, and see what changes. The button Tour shows all this again.",
    ),
  },
];
