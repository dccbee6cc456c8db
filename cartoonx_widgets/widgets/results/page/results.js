// The results of a study: figures, medians, the best and the worst, one photograph by all methods.

import { Choices } from "./choices.js";
import { Errors } from "./errors.js";
import { Extremes } from "./extremes.js";
import { MethodsLegend } from "./methods_legend.js";
import { PickedPhotograph } from "./picked_photograph.js";
import { ProfilesPanel } from "./profiles.js";
import { Records } from "./records.js";
import { reloadNowAndThen } from "./reload.js";
import { ScatterPanel } from "./scatter.js";
import { cpScores, direction, scoreLabel } from "./scores.js";
import { DistributionPanel } from "./distribution.js";
import { MediansTable } from "./medians_table.js";
import { caption, follow, group, h, painted, region } from "../../shared/page/dom.js";
import { atEnd } from "../../shared/page/lifetime.js";
import { grouped } from "../../shared/page/format.js";

/**
 * @import { IllustratedRecords, Pictures } from "./messages.d.ts"
 * @import { Translator } from "../../shared/page/types.d.ts"
 */

/**
 * What is chosen, as Python knows it too; null for all methods, and for the best photograph.
 * @typedef {{ score: string, method: string | null, photograph: string | null }} Selection
 */

/**
 * The region of the page that results are shown in.
 * @param {Translator} t
 * @param {(Node | string)[]} children
 */
export const resultsRegion = (t, ...children) =>
  region(t, { class: "cx-results", "aria-label": t("Results of a study") }, ...children);

/**
 * Shows results in their region. Returns functions that take pictures which came later, and what is chosen elsewhere.
 * @param {HTMLElement} root
 * @param {IllustratedRecords} content
 * @param {Translator} t
 * @param {object} options
 * @param {AbortSignal} options.signal the end
 * @param {string} [options.choices] what was chosen before, as text
 * @param {(text: string) => void} [options.changed] what is chosen now, as text
 * @param {(selection: Selection) => void} [options.selected] the same for Python
 * @param {((photograph: number) => void) | null} [options.ask] wants pictures
 * @param {boolean} [options.live] whether this is a page that reads itself anew
 */
export function showResults(
  root,
  content,
  t,
  { signal, choices: before = "", changed = () => {}, selected = () => {}, ask = null, live = false },
) {
  const records = new Records(content);
  const choices = new Choices(records, before);
  const scores = Object.keys(records.scores);

  /** @param {string} score */
  const choose = (score) => {
    choices.score = score;
    if (cpScores(records).includes(score) && choices.x !== score) {
      choices.x = score;
      choices.zoom = null;
      drawScatter();
    }
    showScore();
    spread.update(choices);
    settle();
  };
  /** @param {number} photograph */
  const pick = (photograph) => {
    choices.photograph = records.photographs[photograph];
    showPicked();
    settle();
  };
  /** @param {number | undefined} record */
  const pickRecord = (record) => record !== undefined && pick(records.photographOf[record]);

  /** @param {string | number} value @param {string} text */
  const option = (value, text) => h("option", { value }, text);
  const score = h(
    "select",
    {
      "aria-label": t("Score"),
      title: t("The score that photographs are ranked by"),
      onchange: () => choose(score.value),
    },
    ...scores.map((name) =>
      option(name, `${scoreLabel(t, records, name)} ${direction(records, name) > 0 ? "↑" : "↓"}`)
    ),
  );
  const method = h(
    "select",
    {
      "aria-label": t("Method of the best and the worst"),
      title: t("Whose best and worst are shown"),
      onchange: () => {
        choices.method = method.value === "" ? null : records.methods[Number(method.value)];
        drawEnds();
        settle();
      },
    },
    option("", t("all methods")),
    ...records.methods.map((name, index) => option(index, name)),
  );
  const legend = new MethodsLegend(t, records, choices.hidden, () => {
    drawScatter();
    spread.update(choices);
    profiles.update(choices);
    settle();
  });
  const scatter = new ScatterPanel(t, records, {
    pick: pickRecord,
    choose: (name) => {
      choices.x = name;
      choices.zoom = null;
      drawScatter();
      settle();
    },
    zoomed: (zoom) => {
      choices.zoom = zoom;
      settle();
    },
  });
  const picked = new PickedPhotograph(t, records, ask);
  const ends = [false, true].map((worst) => new Extremes(t, records, worst, pickRecord));
  const spread = new DistributionPanel(t, records, { pick: pickRecord });
  const profiles = new ProfilesPanel(t, records, {
    choose: (measure) => {
      choices.profile = measure;
      profiles.update(choices);
      settle();
    },
  });
  const table = new MediansTable(t, records, choose);
  const errors = new Errors(t, records, pick);
  errors.element.open = choices.errors;
  errors.element.addEventListener("toggle", () => {
    choices.errors = errors.element.open;
    settle();
  });

  const body = h(
    "div",
    {},
    h("div", { class: "cx-row" }, ...status(t, records, live ? choices : null, settle)),
    h(
      "div",
      { class: "cx-row" },
      group(caption(t("score")), score),
      group(caption(t("best and worst of")), method),
      legend.element,
    ),
    h("div", { class: "cx-halves" }, scatter.element, spread.element),
    picked.element,
    h("div", { class: "cx-halves" }, ...ends.map(({ element }) => element)),
    h("div", { class: "cx-halves" }, profiles.element, table.element),
    errors.element,
  );

  function settle() {
    root.dataset.score = choices.score;
    root.dataset.x = choices.x;
    root.dataset.photograph = choices.photograph ?? "";
    changed(String(choices));
    selected({ score: choices.score, method: choices.method, photograph: choices.photograph });
  }

  const drawScatter = () => scatter.update(choices);

  function drawEnds() {
    const index = choices.method === null ? null : records.methods.indexOf(choices.method);
    method.value = index === null ? "" : String(index);
    for (const end of ends) end.update({ score: choices.score, method: index });
    showPicked();
  }

  /** All that belongs to the chosen score but the figure. */
  function showScore() {
    score.value = choices.score;
    table.mark(choices.score);
    drawEnds();
  }

  /** What is picked, or else the best photograph. */
  function showPicked() {
    const [first] = records.ranked(choices.score, null, 1);
    const best = first === undefined ? null : records.photographOf[first];
    const photograph = choices.photograph === null ? best : records.photographs.indexOf(choices.photograph);
    picked.update(photograph);
    scatter.cursor.mark(photograph === null ? [] : records.ofPhotograph(photograph));
    for (const end of ends) end.mark(photograph);
  }

  async function drawCharts() {
    await painted(); // so that the rest can be read while the library is
    if (signal.aborted) return;
    atEnd(signal, follow(root, () => [scatter, spread, profiles].forEach((panel) => panel.draw())));
    if (live && records.expected !== null) atEnd(signal, reloadNowAndThen(root, () => choices.still));
    await Promise.all([drawScatter(), spread.update(choices), profiles.update(choices)]);
    settle();
    await painted();
    if (!signal.aborted) root.dataset.drawn = String(records.count);
  }

  delete root.dataset.drawn;
  root.append(body);
  atEnd(signal, () => {
    [scatter, spread, profiles].forEach((panel) => panel.close());
    body.remove();
  });
  showScore();
  drawCharts();
  return {
    /** @param {Pictures} pictures */
    addPictures(pictures) {
      records.add(pictures);
      drawEnds();
    },
    /** @param {Partial<Selection>} selection */
    take({ score = choices.score, method = choices.method, photograph = choices.photograph }) {
      choices.method = method;
      choices.photograph = photograph;
      if (score !== choices.score) choose(score);
      else {
        drawEnds();
        settle();
      }
    },
  };
}

/**
 * How far the study is; with `choices`, also the button that lets the page stand still.
 * @param {Translator} t
 * @param {Records} records
 * @param {Choices | null} choices
 * @param {() => void} changed
 */
function status(t, records, choices, changed) {
  const { count, expected, classifier, name, made, errors } = records;
  const time = new Date(1000 * made).toLocaleTimeString(t("en"));
  const progress = expected === null
    ? t("{count} explanations", { count: grouped(count) })
    : t("{count} of {expected} so far, at {time}", { count: grouped(count), expected: grouped(expected), time });
  const parts = [progress, t("{count} photographs", { count: grouped(records.photographs.length) }), classifier];
  if (errors.count) parts.push(t("{count} errors", { count: grouped(errors.count) }));
  const bar = expected === null
    ? null
    : h("progress", { max: expected, value: count, "aria-label": t("Progress of the study") });
  const still = () => {
    if (!choices) return;
    choices.still = !choices.still;
    showButton();
    changed();
  };
  const button = choices && expected !== null
    ? h("button", { onclick: still, title: t("Reload the page every 10 seconds, or stop reloading") })
    : null;
  const showButton = () => {
    if (button) button.textContent = choices?.still ? `▶ ${t("Follow the study")}` : `❚❚ ${t("Stop reloading")}`;
  };
  showButton();
  const line = h("span", { role: "status" }, h("b", {}, name), " · ", parts.join(" · "));
  return [line, bar, button].filter(Boolean);
}
