// The explorer's page side: takes what the kernel sends, draws it, and answers when it has been drawn.

/** Two frames of the browser later a drawing has been painted; a hidden page paints none, and goes on all the same. */
const painted = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 500);
    requestAnimationFrame(() => requestAnimationFrame(resolve));
  });

function render({ model, el }) {
  const Plotly = (globalThis.cartoonxPlotly ??= loadPlotly());
  const t = translator(model.get("texts"));
  const kit = { Plotly, t };
  const send = (message, buffers) => model.send(message, undefined, buffers);

  let setup = null;
  let frames = 0; // how many the kernel has recorded
  let shown = null; // the frame that is looked at, null for the newest
  let wanted = null; // a frame asked for and not yet here
  let chartsDue = false;
  let verdict = null; // the status that told what the run has come to
  let picture = null; // what is drawn: { message, cartoon, levels, part }

  const pick = (index) => {
    root.focus({ preventScroll: true }); // so that Escape is ours
    send({ type: "band", index, frame: shown });
  };
  const photograph = new PicturePanel(kit, "Photograph", "As the classifier sees it");
  const cartoon = new PicturePanel(
    kit,
    "Cartoon",
    "The photograph with its mask: what suffices for the class",
  );
  const mosaic = new MosaicPanel(kit, (index) => pick(index));
  const curves = new CurvesPanel(kit);
  const shares = new SharePanel(kit, (index) => pick(index));
  const probabilities = new ProbabilityPanel(kit);
  const panels = [photograph, cartoon, mosaic, curves, shares, probabilities];
  const back = h(
    "button",
    { class: "cx-small", hidden: true, title: "Escape does the same", onclick: () => pick(null) },
    "Back to the photograph",
  );
  photograph.element.querySelector("header").append(back);

  const controls = new Controls(send, (index) => {
    shown = index;
    controls.showFrames(frames, shown);
    look();
  });
  const summary = h("p", { class: "cx-summary", role: "status", "aria-live": "polite" });
  const notes = h("p", { class: "cx-notes", role: "status", hidden: true });
  const problem = h("div", { class: "cx-problem", role: "alert", hidden: true });
  const root = h(
    "div",
    {
      class: "cx-explorer",
      role: "region",
      tabindex: "-1",
      "aria-label": "CartoonX explorer",
      // Keys pressed here must not run JupyterLab's commands, some of which ask only the element that has the focus.
      "data-lm-suppress-shortcuts": "true",
      onfocusin: ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"),
      onkeydown: (event) => {
        if (event.key === "Escape" && picture?.message.band !== null) pick(null);
      },
    },
    controls.element,
    problem,
    h("div", { class: "cx-pictures" }, photograph.element, cartoon.element, mosaic.element),
    summary,
    notes,
    h("div", { class: "cx-charts" }, curves.element, shares.element, probabilities.element),
  );
  el.append(root);

  /** Ask for the frame that is looked at, one request at a time. */
  function look() {
    if (wanted !== null) return;
    wanted = shown ?? "newest";
    send({ type: "frame", index: shown });
  }

  function begin(content, [png, coefficients]) {
    if (setup?.run === content.run) return; // for another view of the same run
    setup = content;
    setup.source = dataUrl(png, "image/png");
    setup.coefficients = numbers(coefficients, Float32Array);
    shown = wanted = picture = verdict = null;
    frames = 0;
    problem.hidden = true;
    root.dataset.target = setup.target.label;
    root.dataset.photograph = setup.photograph;
    controls.set(setup);
    mosaic.set(setup);
    shares.set(setup);
    curves.set(setup.curves);
  }

  function showSettings(content) {
    controls.showSettings(content);
    root.dataset.method = setup.methods[content.method];
    root.dataset.changed = controls.settings.changed;
    curves.price(content.settings);
  }

  function showStatus(status) {
    if (status.playing && !controls.playing) problem.hidden = true;
    controls.showStatus(status);
    root.dataset.playing = status.playing;
    root.dataset.step = status.step;
    root.dataset.settled = Boolean(status.summary);
    notes.hidden = !status.notes.length;
    if (notes.textContent !== status.notes.join(". ")) notes.textContent = status.notes.join(". ");
    if (status.summary || status.playing || !status.step) verdict = status.summary ? status : null;
    sum();
  }

  /** The sentence below the pictures: what is shown while it plays or one looks back, else what it has come to. */
  function sum() {
    const { label, probability } = setup.target;
    // A reader is told the outcome, not each frame on the way.
    summary.setAttribute("aria-live", controls.playing ? "off" : "polite");
    if (picture && (controls.playing || shown !== null)) {
      const { step, share } = picture.message;
      const figures = `${probability.toFixed(2)} → ${picture.message.probability.toFixed(2)}`;
      say(`Step ${step}: ${label} ${figures} with ${percent(share)} of the coefficients`);
    } else if (verdict) say(verdict.summary, verdict.warning);
    else if (root.dataset.step === "0") say(`Press play to see which part of the photograph suffices for ${label}.`);
  }

  function say(text, warning = "") {
    const sentences = [text, warning ? `⚠ ${warning}.` : ""].filter(Boolean).join(" ");
    if (summary.textContent !== sentences) summary.textContent = sentences;
    summary.classList.toggle("cx-warning", Boolean(warning));
  }

  function showError({ message, details }) {
    wanted = null; // it may have been the answer
    problem.hidden = false;
    problem.replaceChildren(
      h("strong", {}, message),
      h("details", {}, h("summary", {}, "Traceback"), h("pre", {}, details)),
      h("button", { class: "cx-small", title: "Dismiss", "aria-label": "Dismiss", onclick: () => (problem.hidden = true) }, "✕"),
    );
  }

  async function draw() {
    const { message, source, levels, values, part } = picture;
    const { label, probability } = setup.target;
    const band = setup.bands[message.band];
    back.hidden = !band;
    const contribution = band && `What one band alone contributes, ${inWords(band)}`;
    photograph.heading.textContent = band ? `${band.name} alone` : "Photograph";
    photograph.heading.title = contribution || "As the classifier sees it";
    const pictures = [
      part
        ? photograph.show(part, contribution)
        : photograph.show(setup.source, `The photograph: ${label} with probability ${probability.toFixed(2)}`),
      cartoon.show(
        source,
        `The cartoon after ${message.step} steps: ${label} with probability ${message.probability.toFixed(2)}`,
      ),
      mosaic.update(levels, message.band),
    ];
    // While it plays, the charts follow with every second frame: they change little, and cost as much as the pictures.
    chartsDue = !controls.playing || shown !== null || !chartsDue;
    const charts = chartsDue
      ? [
          shares.update(levels),
          probabilities.update(message.probabilities, label),
          curves.update(values, shown === null ? null : message.step, message.steps),
        ]
      : [];
    await Promise.all([...pictures, ...charts]);
    sum();
    root.dataset.shown = message.step;
    root.dataset.frames = frames;
    root.dataset.band = band?.name ?? "";
  }

  async function showFrame(message, buffers) {
    if (message.run !== setup.run) return; // of a run that has been replaced meanwhile
    if (message.live) frames = message.index + 1;
    const ours = wanted !== null && wanted === (message.live ? "newest" : message.index);
    if (ours) {
      wanted = null;
      if (message.live ? shown !== null : message.index !== shown) look(); // the slider has moved on meanwhile
    }
    controls.showFrames(frames, shown);
    // What another view of this run has asked for is not drawn here.
    if (message.live ? shown === null : ours || message.index === shown) {
      const [jpeg, levels, values, part] = buffers;
      picture = {
        message,
        source: dataUrl(jpeg, "image/jpeg"),
        levels: numbers(levels, Uint8Array),
        values: numbers(values, Float32Array),
        part: part ? dataUrl(part, "image/jpeg") : null,
      };
      await draw();
    }
    if (message.live) {
      await painted();
      root.dataset.lag = (Date.now() / 1000 - message.sent).toFixed(3); // true where kernel and browser share a clock
      send({ type: "seen", index: message.index });
    }
  }

  // Messages are taken in turn, each drawn before the next; of live frames that wait only the newest is kept.
  let turn = Promise.resolve();
  let waiting = null;
  const receive = (content, buffers) => {
    if (content.type === "setup") waiting = null;
    const frame = { content, buffers };
    if (content.live) {
      if (waiting) {
        Object.assign(waiting, frame);
        return;
      }
      waiting = frame;
    }
    turn = turn
      .then(() => {
        if (waiting === frame) waiting = null;
        const { content, buffers } = frame;
        if (content.type === "setup") return begin(content, buffers);
        if (!setup) return null; // meant for another view; ours is asked for below
        if (content.type === "settings") return showSettings(content);
        if (content.type === "status") return showStatus(content.status);
        if (content.type === "error") return showError(content);
        return showFrame(content, buffers);
      })
      .catch((error) => showError({ message: `The page failed: ${error.message}`, details: error.stack ?? "" }));
  };
  model.on("msg:custom", receive);
  send({ type: "ready" });

  const redraw = () => {
    if (picture) panels.forEach((panel) => panel.draw());
  };
  let width = 0; // a change of height is our own doing
  const resized = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width !== width) redraw();
    width = contentRect.width;
  });
  resized.observe(root);
  // JupyterLab hides the page while it changes its theme.
  const themed = new MutationObserver(() => requestAnimationFrame(redraw));
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });

  return () => {
    model.off("msg:custom", receive);
    resized.disconnect();
    themed.disconnect();
    panels.forEach((panel) => panel.close());
  };
}

export default { render };
