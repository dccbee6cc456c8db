// The comparison's page side: takes what the kernel sends, draws it, and answers when it has been drawn.

import { CompareChart } from "./chart.js";
import { CompareControls } from "./controls.js";
import { MethodPanel, PhotographPanel } from "./panels.js";
import { ProfileChart } from "./profile_chart.js";
import { ScoreTable } from "./score_table.js";
import { dataUrl, numbers } from "../../shared/page/bytes.js";
import { follow, h, painted, region } from "../../shared/page/dom.js";
import { atEnd, lifetime } from "../../shared/page/lifetime.js";
import { Problem } from "../../shared/page/problem.js";
import { PythonCode } from "../../shared/page/python_code.js";
import { receive } from "../../shared/page/receive.js";
import { showSnapshot } from "../../shared/page/snapshot.js";
import { translator } from "../../shared/page/texts.js";
import { Viewport } from "../../shared/page/viewport.js";

/**
 * @import { ExplorerMessage, FileMessage, FromPage, MethodError, Result, Setup } from "./messages.d.ts"
 * @import { ShownSnapshot, Snapshots, StatusMessage } from "./messages.d.ts"
 * @import { Kind } from "./panels.js"
 * @import { CodeMessage, ErrorMessage } from "../../shared/page/messages.d.ts"
 * @import { Host, Send } from "../../shared/page/types.d.ts"
 */

/**
 * Show a comparison in an element, until `signal` ends it. In a page without a kernel `model` is something that sends
 * the same as the widget's.
 * @param {Host & { signal: AbortSignal }} host
 */
export function showComparison({ model, el, signal, host }) {
  const t = translator(model.get("texts"));
  /** @type {Send<FromPage>} */
  const sendMessage = (message) => send(message);

  /** @type {Setup} */
  let setup;
  /** @type {MethodPanel[]} */
  let panels = [];
  /** @type {Kind} */
  let kind = "cartoon";
  let explored = lifetime(signal); // how long the explorer below is shown

  const viewport = new Viewport();
  const photograph = new PhotographPanel(t, viewport);
  const chart = new CompareChart(t);
  const profiles = new ProfileChart(t);
  const table = new ScoreTable(t);
  const problem = new Problem(t);
  const controls = new CompareControls(t, viewport, { choose, send: sendMessage });
  const code = new PythonCode(t, sendMessage);
  controls.exports.append(code.button);
  const about = h("p", { class: "cx-about" });
  const pictures = h("div", { class: "cx-compared-all" });
  const heading = h("h3", {});
  const explorerSlot = h("div", { class: "cx-slot" });
  const close = h(
    "button",
    { class: "cx-small", onclick: () => sendMessage({ type: "close_explorer" }) },
    t("Close the explorer"),
  );
  const slot = h(
    "section",
    { class: "cx-panel cx-opened", hidden: true, tabindex: "-1" },
    h("header", {}, heading, close),
    explorerSlot,
  );
  const root = region(
    t,
    { class: "cx-compare", "aria-label": t("Comparison of explanations") },
    controls.element,
    problem.element,
    about,
    pictures,
    h("div", { class: "cx-below" }, chart.element, profiles.element, table.element),
    slot,
    code.dialog,
  );
  viewport.follow(({ scale, x, y }) => (root.dataset.zoom = [scale, x, y].map((value) => value.toFixed(3)).join(" ")));
  root.dataset.zoom = "1.000 0.000 0.000";
  root.dataset.kind = kind;
  el.append(root);

  /** @param {Kind} shown */
  function choose(shown) {
    kind = shown;
    panels.forEach((panel) => panel.choose(kind));
    root.dataset.kind = kind;
  }

  /** @param {Setup} content @param {DataView[]} buffers */
  function begin(content, [png]) {
    if (setup?.run === content.run) return; // for another view of the same runs
    const first = setup === undefined;
    setup = content;
    if (first) {
      panels = content.methods.map((method, index) =>
        new MethodPanel(t, viewport, { method, index, live: content.live, send: sendMessage })
      );
      pictures.replaceChildren(photograph.element, ...panels.map(({ element }) => element));
      panels.forEach(({ stage }) => stage.fit(content.size));
      photograph.set(content, dataUrl(png, "image/png"));
      controls.set(content);
      const { target, classifier, seed } = content;
      const name = content.photograph === "own photograph" ? t("own photograph") : content.photograph;
      about.textContent = `${name} · ${target.label} (${target.probability.toFixed(2)}) · ${classifier} · ${
        t("seed {seed}", { seed })
      }`;
    }
    panels.forEach((panel) => panel.clear());
    chart.set(content.methods);
    profiles.set(content.methods);
    table.set(content.columns, content.methods);
    problem.hide();
    root.dataset.run = String(content.run);
  }

  /**
   * One moment of one method.
   * @param {ShownSnapshot | Result} moment
   * @param {DataView[]} buffers for its cartoon, its rest, its mask and its curve
   */
  function drawMoment(moment, [cartoon, rest, mask, values]) {
    const pictures = {
      cartoon: dataUrl(cartoon, "image/jpeg"),
      rest: dataUrl(rest, "image/jpeg"),
      mask: dataUrl(mask, "image/png"),
    };
    panels[moment.index].showPictures(pictures, moment);
    chart.update(moment.index, numbers(values, Float32Array));
  }

  /** @param {Snapshots} message @param {DataView[]} buffers */
  async function showSnapshots({ shown, serial, sent }, buffers) {
    shown.forEach((moment, i) => {
      drawMoment(moment, buffers.slice(4 * i, 4 * i + 4));
      panels[moment.index].showFigures();
    });
    chart.draw();
    await painted();
    root.dataset.lag = (Date.now() / 1000 - sent).toFixed(3); // true where kernel and browser share a clock
    send({ type: "seen", index: serial });
  }

  /** @param {Result} content @param {DataView[]} buffers */
  function showResult(content, buffers) {
    drawMoment(content, buffers);
    panels[content.index].showResult(content);
    chart.draw();
    profiles.update(content.index, content.profile);
    table.update(content.index, content.row);
    root.dataset.results = String(table.rows.size);
  }

  /** @param {StatusMessage} content */
  function showStatus(content) {
    controls.showStatus(content);
    content.methods.forEach((method, i) => panels[i].showStatus(method));
    root.dataset.playing = String(content.playing);
    root.dataset.states = content.methods.map(({ state }) => state).join(" ");
  }

  /** @param {MethodError | ErrorMessage} content */
  function showError(content) {
    if (!("index" in content)) problem.show(content);
    else if (content.run === setup?.run) panels[content.index].problem.show(content);
  }

  /**
   * Show the explorer's own view below, where the page can make one.
   * @param {ExplorerMessage} message
   */
  async function showExplorer({ model: id, label }) {
    explored.abort();
    explored = lifetime(signal);
    explorerSlot.replaceChildren();
    slot.hidden = !id;
    root.dataset.explorer = "";
    if (!id) return;
    heading.textContent = t("{method} in the explorer", { method: label });
    if (host?.getWidget) {
      const explorer = await host.getWidget(`anywidget:${id}`);
      await explorer.render({ el: explorerSlot, signal: explored.signal });
    } else {
      explorerSlot.append(
        t("This page cannot show a widget within another: show comparison.explorer in a cell of its own."),
      );
    }
    root.dataset.explorer = label;
    slot.scrollIntoView({ block: "nearest" });
    slot.focus({ preventScroll: true });
  }

  /** @param {FileMessage} message @param {DataView<ArrayBuffer>[]} buffers */
  function download({ name, mime }, [data]) {
    const address = URL.createObjectURL(new Blob([data], { type: mime }));
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  /**
   * Of runs that have been reset meanwhile nothing is drawn.
   * @template {{ run: number }} Message
   * @param {(content: Message, buffers: DataView[]) => unknown} handler
   * @returns {(content: Message, buffers: DataView[]) => unknown}
   */
  const ofThisRun = (handler) => (content, buffers) => content.run === setup.run ? handler(content, buffers) : null;
  const opened = showSnapshot(root, model, t);
  const send = receive(
    model,
    {
      setup: begin,
      snapshots: ofThisRun(showSnapshots),
      result: ofThisRun(showResult),
      status: ofThisRun(showStatus),
      explorer: showExplorer,
      file: download,
      /** @param {CodeMessage} content */
      code: (content) => code.show(content),
      error: showError,
    },
    { t, problem, signal, opening: "setup", opened, charts: false },
  );

  const redraw = () => {
    chart.draw();
    profiles.draw();
    panels.forEach(({ stage }) => stage.zoom.place());
  };
  atEnd(signal, follow(root, redraw));
}
