// The comparison's page side: takes what the kernel sends, draws it, and answers when it has been drawn.

import { CompareChart } from "./chart.js";
import { CompareControls } from "./controls.js";
import { MethodPanel, PhotographPanel } from "./panels.js";
import { ScoreTable } from "./table.js";
import { Viewport } from "./viewport.js";
import { dataUrl, numbers } from "../../shared/page/bytes.js";
import { follow, h, painted, region } from "../../shared/page/dom.js";
import { Problem } from "../../shared/page/problem.js";
import { translator } from "../../shared/page/texts.js";

/**
 * Show a comparison in an element; what it returns ends that.
 * `model` is the widget's, or in a page without a kernel something that says the same: `get`, `send`, `on`, `off`.
 */
export function showComparison(el, model) {
  const t = translator(model.get("texts"));
  const send = (message) => model.send(message);

  let setup = null;
  let panels = [];
  let kind = "cartoon";
  let opened = null; // the view of the explorer that is shown below

  const viewport = new Viewport();
  const photograph = new PhotographPanel(t, viewport);
  const chart = new CompareChart(t);
  const table = new ScoreTable(t);
  const problem = new Problem(t);
  const controls = new CompareControls(t, viewport, { choose, send });
  const about = h("p", { class: "cx-about" });
  const pictures = h("div", { class: "cx-compared-all" });
  const heading = h("h3", {});
  const place = h("div", { class: "cx-slot" });
  const close = h(
    "button",
    { class: "cx-small", onclick: () => send({ type: "close_explorer" }) },
    t("Close the explorer"),
  );
  const slot = h(
    "section",
    { class: "cx-panel cx-opened", hidden: true, tabindex: "-1" },
    h("header", {}, heading, close),
    place,
  );
  const root = region(
    t,
    { class: "cx-compare", "aria-label": t("Comparison of explanations") },
    controls.element,
    problem.element,
    about,
    pictures,
    h("div", { class: "cx-below" }, chart.element, table.element),
    slot,
  );
  viewport.follow(({ scale, x, y }) => (root.dataset.zoom = [scale, x, y].map((value) => value.toFixed(3)).join(" ")));
  root.dataset.zoom = "1.000 0.000 0.000";
  root.dataset.kind = kind;
  el.append(root);

  function choose(chosen) {
    kind = chosen;
    panels.forEach((panel) => panel.choose(kind));
    root.dataset.kind = kind;
  }

  function begin(content, [png]) {
    if (setup?.run === content.run) return; // for another view of the same runs
    const first = setup === null;
    setup = content;
    if (first) {
      panels = content.methods.map((method, index) =>
        new MethodPanel(t, viewport, { ...method, look: method, place: index, live: content.live, send })
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
    table.set(content.columns, content.methods);
    problem.hide();
    root.dataset.run = content.run;
  }

  /** One moment of one method: three buffers, for its cartoon, its mask and its curve. */
  function drawMoment(moment, [cartoon, mask, values]) {
    panels[moment.place].showPictures(
      { cartoon: dataUrl(cartoon, "image/jpeg"), mask: dataUrl(mask, "image/png") },
      moment,
    );
    chart.update(moment.place, numbers(values, Float32Array));
  }

  async function showGlances({ shown, serial, sent }, buffers) {
    shown.forEach((moment, i) => {
      drawMoment(moment, buffers.slice(3 * i, 3 * i + 3));
      panels[moment.place].showFigures();
    });
    chart.draw();
    await painted();
    root.dataset.lag = (Date.now() / 1000 - sent).toFixed(3); // true where kernel and browser share a clock
    root.dataset.seen = serial;
    send({ type: "seen", index: serial });
  }

  function showResult(content, buffers) {
    drawMoment(content, buffers);
    panels[content.place].showResult(content);
    chart.draw();
    table.update(content.place, content.row);
    root.dataset.results = table.rows.size;
  }

  function showStatus(content) {
    controls.showStatus(content);
    content.lanes.forEach((lane, i) => panels[i].showStatus(lane));
    root.dataset.playing = content.playing;
    root.dataset.states = content.lanes.map(({ state }) => state).join(" ");
  }

  function showError(content) {
    if (content.place === undefined) problem.show(content);
    else if (content.run === setup.run) panels[content.place].problem.show(content);
  }

  /** Show the explorer's own view below, where the page can make one. */
  async function showExplorer({ model: id, label }) {
    opened?.remove();
    opened = null;
    slot.hidden = !id;
    root.dataset.explorer = "";
    if (!id) return;
    heading.textContent = t("{method} in the explorer", { method: label });
    if (!model.widget_manager) {
      place.replaceChildren(
        t("This page cannot show a widget within another: show comparison.explorer in a cell of its own."),
      );
    } else {
      const child = await model.widget_manager.get_model(id);
      opened = await model.widget_manager.create_view(child);
      place.replaceChildren(opened.el);
    }
    root.dataset.explorer = label;
    slot.scrollIntoView({ block: "nearest" });
    slot.focus({ preventScroll: true });
  }

  function download({ name, mime }, [data]) {
    const address = URL.createObjectURL(new Blob([data], { type: mime }));
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    root.dataset.exported = name;
  }

  const receive = async (content, buffers) => {
    try {
      if (content.type === "setup") begin(content, buffers);
      else if (content.type === "error" && content.place === undefined) showError(content);
      else if (!setup) return; // meant for another view; ours is asked for below
      else if (content.type === "explorer") await showExplorer(content);
      else if (content.type === "file") download(content, buffers);
      else if (content.run !== setup.run) return; // of runs that have been reset meanwhile
      else if (content.type === "glances") await showGlances(content, buffers);
      else if (content.type === "result") showResult(content, buffers);
      else if (content.type === "status") showStatus(content);
      else if (content.type === "error") showError(content);
    } catch ({ message, stack }) {
      showError({ message: t("The page failed: {message}", { message }), details: stack ?? "" });
    }
  };
  model.on("msg:custom", receive);
  send({ type: "ready" });

  const unfollow = follow(root, () => {
    chart.draw();
    panels.forEach(({ stage }) => stage.place());
  });
  return () => {
    model.off("msg:custom", receive);
    opened?.remove();
    unfollow();
  };
}
