// The controls above the panels. They show what they are told and say what was pressed; they decide nothing.

const PART_BYTES = 4_000_000;

class Controls {
  /** `send(message, buffers)` speaks to the kernel; `scrub(index)` shows a frame, null for the newest. */
  constructor(send, scrub) {
    this.send = send;
    this.scrub = scrub;
    const button = (text, title, onclick) => h("button", { title, onclick, "aria-label": title }, text);

    this.photograph = h("select", {
      "aria-label": "Photograph",
      title: "Choose a photograph",
      onchange: () => send({ type: "photograph", name: this.photograph.value }),
    });
    this.file = h("input", {
      type: "file",
      accept: "image/*",
      class: "cx-file",
      tabindex: "-1",
      "aria-label": "Upload a photograph",
      onchange: () => this.upload(),
    });
    this.uploader = button("Upload…", "Upload a photograph of your own", () => this.file.click());
    this.target = new Combobox({
      label: "Class to explain",
      title: "The class to explain: the most probable first, type to search all",
      choose: (index) => send({ type: "target", index }),
    });
    this.method = h("select", {
      "aria-label": "Method",
      title: "Settings: our interactive preset, or those of the paper (slow)",
      onchange: () => send({ type: "method", index: Number(this.method.value) }),
    });

    this.play = h("button", { class: "cx-play", onclick: () => send({ type: this.playing ? "pause" : "play" }) });
    this.step = button("Step", "Take one step", () => send({ type: "step" }));
    this.reset = button("Reset", "Begin again from a mask of ones", () => send({ type: "reset" }));
    this.progress = h("progress", { max: 1, value: 0, "aria-label": "Progress of the run" });
    this.where = h("span", { class: "cx-where" });

    this.frames = h("input", {
      type: "range",
      min: 0,
      max: 0,
      value: 0,
      "aria-label": "Frames of the run so far",
      title: "Look back over the run; it goes on meanwhile",
      oninput: () => this.scrubTo(Number(this.frames.value)),
    });
    this.live = h("button", { class: "cx-live", title: "Follow the run again", onclick: () => this.scrubTo(null) }, "● Live");

    this.lambda = logSlider({
      symbol: "λ",
      name: "lambda",
      title: "Lambda: the price of a coefficient. Higher keeps less. Holds from the next step on.",
      from: 0.1,
      to: 1000,
      change: (value) => send({ type: "lambda_l1", value }),
    });
    this.rate = logSlider({
      symbol: "learning rate",
      name: "learning rate",
      title: "Learning rate: how far a step moves the mask. Holds from the next step on.",
      from: 0.0001,
      to: 1,
      change: (value) => send({ type: "learning_rate", value }),
    });

    const group = (...children) => h("div", { class: "cx-group" }, ...children);
    const caption = (text) => h("span", { class: "cx-caption", "aria-hidden": "true" }, text);
    this.element = h(
      "div",
      { class: "cx-controls" },
      h(
        "div",
        { class: "cx-row" },
        group(caption("photograph"), this.photograph, this.uploader, this.file),
        group(caption("explain"), this.target.element),
        group(caption("method"), this.method),
      ),
      h(
        "div",
        { class: "cx-row" },
        group(this.play, this.step, this.reset),
        group(this.progress, this.where),
        group(caption("frames"), this.frames, this.live),
      ),
      h("div", { class: "cx-row" }, this.lambda.element, this.rate.element),
    );
    this.showStatus({ playing: false, step: 0, steps: 1, rate: 0, seconds_left: null });
    this.showFrames(0, null);
  }

  set(setup) {
    const names = setup.photographs.map(({ name, title }) => [name, title]);
    if (!names.some(([name]) => name === setup.photograph)) names.push([setup.photograph, setup.photograph]);
    this.photograph.replaceChildren(...names.map(([value, text]) => h("option", { value }, text)));
    this.photograph.value = setup.photograph;
    this.target.set(setup.labels, setup.top, setup.target.index);
    this.method.replaceChildren(...setup.methods.map((text, value) => h("option", { value }, text)));
  }

  /** What the kernel has taken, which is not always what was chosen. */
  showSettings({ lambda_l1, learning_rate, photograph, target, method }) {
    this.lambda.show(lambda_l1);
    this.rate.show(learning_rate);
    this.photograph.value = photograph;
    this.target.show(target);
    this.method.value = method;
  }

  showStatus(status) {
    this.playing = status.playing;
    this.play.textContent = status.playing ? "❚❚ Pause" : "▶ Play";
    this.play.title = status.playing ? "Pause after the step under way" : "Run the optimisation";
    this.play.disabled = !status.playing && status.step >= status.steps;
    this.progress.max = status.steps;
    this.progress.value = status.step;
    const parts = [`step ${status.step} of ${status.steps}`];
    if (status.playing && status.rate) parts.push(`${Number(status.rate.toPrecision(2))} steps/s`);
    if (status.playing && status.seconds_left) parts.push(`${seconds(status.seconds_left)} left`);
    this.where.textContent = parts.join(" · ");
  }

  /** How many frames there are, and which is shown (null: the newest). */
  showFrames(count, shown) {
    this.frames.max = Math.max(0, count - 1);
    this.frames.value = shown ?? count - 1;
    this.frames.disabled = count < 2;
    this.frames.setAttribute("aria-valuetext", `frame ${(shown ?? count - 1) + 1} of ${count}`);
    this.live.setAttribute("aria-pressed", String(shown === null));
    this.live.disabled = shown === null;
  }

  scrubTo(index) {
    this.scrub(index);
  }

  async upload() {
    const file = this.file.files[0];
    if (!file) return;
    const data = await file.arrayBuffer();
    const count = Math.max(1, Math.ceil(data.byteLength / PART_BYTES));
    for (let index = 0; index < count; index++) {
      const part = data.slice(index * PART_BYTES, (index + 1) * PART_BYTES);
      this.send({ type: "upload", name: file.name, index, count }, [part]);
    }
    this.file.value = "";
  }
}

/** A slider over powers of ten, with a field for an exact value. */
function logSlider({ symbol, name, title, from, to, change }) {
  const [low, high] = [Math.log10(from), Math.log10(to)];
  const say = (value) => {
    if (Number.isNaN(value)) return; // an empty field
    show(value);
    change(value);
  };
  const slider = h("input", {
    type: "range",
    min: low,
    max: high,
    step: 0.01,
    "aria-label": `${name}, logarithmic`,
    title,
    oninput: () => say(Number((10 ** Number(slider.value)).toPrecision(2))),
  });
  const field = h("input", {
    type: "number",
    step: "any",
    "aria-label": name,
    title,
    onchange: () => say(field.valueAsNumber),
    onkeydown: (event) => event.key === "Enter" && say(field.valueAsNumber),
  });
  const show = (value) => {
    slider.value = value > 0 ? Math.log10(value) : low;
    slider.setAttribute("aria-valuetext", String(value));
    field.value = value;
  };
  const caption = h("span", { class: "cx-caption", "aria-hidden": "true" }, symbol);
  return { element: h("div", { class: "cx-group" }, caption, slider, field), show };
}
