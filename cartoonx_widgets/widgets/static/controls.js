// The controls above the panels. They show what they are told and say what was pressed; they decide nothing.

const PART_BYTES = 4_000_000;

class Controls {
  /** `send(message, buffers)` speaks to the kernel; `scrub(index)` shows a frame, null for the newest. */
  constructor(send, scrub) {
    this.send = send;
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
      title: "An explanation method: our preset for watching, or as its paper published it",
      onchange: () => send({ type: "method", index: Number(this.method.value) }),
    });

    this.play = h("button", { class: "cx-play", onclick: () => send({ type: this.playing ? "pause" : "play" }) });
    this.step = button("Step", "Take one step", () => send({ type: "step" }));
    this.reset = button("Reset", "Begin again from the first mask", () => send({ type: "reset" }));
    this.progress = h("progress", { max: 1, value: 0, "aria-label": "Progress of the run" });
    this.where = h("span", { class: "cx-where" });

    this.frames = h("input", {
      type: "range",
      min: 0,
      max: 0,
      value: 0,
      "aria-label": "Frames of the run so far",
      title: "Look back over the run; it goes on meanwhile",
      oninput: () => scrub(Number(this.frames.value)),
    });
    this.live = h("button", { class: "cx-live", title: "Follow the run again", onclick: () => scrub(null) }, "● Live");

    this.settings = new SettingsView(send);

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
        group(caption("method"), this.method, this.settings.button),
      ),
      h(
        "div",
        { class: "cx-row" },
        group(this.play, this.step, this.reset),
        group(this.progress, this.where),
        group(caption("frames"), this.frames, this.live),
      ),
      this.settings.row,
      this.settings.panel,
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
    this.methods = setup.methods;
    this.method.replaceChildren(...this.methods.map((text, value) => h("option", { value }, text)));
  }

  /** What the kernel has taken, which is not always what was chosen. */
  showSettings({ photograph, target, method, settings }) {
    this.photograph.value = photograph;
    this.target.show(target);
    this.method.value = method;
    this.settings.show(settings, method, this.methods[method]);
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
