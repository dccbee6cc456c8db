// The tour of the explorer.

/**
 * @import { Controls } from "./controls.js"
 * @import { RunView } from "../../run_view/page/run_view.js"
 * @import { TourStep } from "../../shared/page/tour.js"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * @param {Translator} t
 * @param {Controls} controls
 * @param {RunView} view
 * @returns {TourStep[]}
 */
export const tourSteps = (t, controls, view) => [
  {
    target: controls.question,
    title: t("What is explained"),
    text: t(
      "A photograph, the class that the classifier is asked about, and the method that explains it. Choose others at any time: the run begins again.",
    ),
  },
  {
    target: controls.runs,
    title: t("The run"),
    text: t(
      "Each step moves the mask a little, towards keeping less without losing the class. Press Play now, and read below the pictures what becomes of the class.",
    ),
  },
  {
    target: view.cartoon.element,
    title: t("Cartoon"),
    text: t(
      "What the mask keeps of the photograph: it should suffice for the class. Compare it with the rest, which is what was left out: is the class still seen there?",
    ),
  },
  {
    target: view.mosaic.element,
    title: t("Mask"),
    text: t(
      "Each cell is an entry of the mask, bright where it keeps a coefficient; the larger the tile, the finer the detail. Point at a cell to see its place in the photograph, or click a tile to see its band alone.",
    ),
  },
  {
    target: controls.settings.row,
    title: t("Penalty weights"),
    text: t(
      "A penalty weight such as λ says what keeping costs: higher keeps less. Move it while the run plays; it holds from the next step on.",
    ),
  },
  {
    target: view.objective.element,
    atEnd: true, // the curves are on the left
    title: t("Objective"),
    text: t(
      "What each step makes smaller: how far the classifier's output is from its aim, and each penalty times its weight. Point at a term, and its curve and its panels light up.",
    ),
  },
  {
    target: controls.looking,
    title: t("Look back"),
    text: t(
      "The whole run is recorded: move the slider to see any moment of it, and press Live to come back. The button Tour shows all this again.",
    ),
  },
];
