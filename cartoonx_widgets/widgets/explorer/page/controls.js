// The controls above the panels. They show what the kernel sends, and send what was pressed; they decide nothing.

import { Combobox } from "./combobox.js";
import { methodName } from "./method_names.js";
import { SettingsView } from "./settings.js";
import { button, caption, group, h } from "../../shared/page/dom.js";
import { seconds } from "../../shared/page/format.js";
import { phrase } from "../../shared/page/texts.js";
import { photographField } from "../../shared/page/upload.js";

// What the kernel calls a photograph that has no name.
const NAMELESS = phrase("own photograph");

/**
 * @import { FromPage, RunStatus, Settings, Setup } from "./messages.d.ts"
 * @import { Send, Translator } from "../../shared/page/types.d.ts"
 */

export class Controls {
  playing = false;
  /** @type {string[]} as the kernel lists them */
  methods = [];

  /**
   * @param {Translator} t
   * @param {Send<FromPage>} send to the kernel
   * @param {(index: number | null) => void} scrub shows a frame, null for the newest
   */
  constructor(t, send, scrub) {
    this.t = t;
    this.send = send;
    this.photograph = h("select", {
      "aria-label": t("Photograph"),
      title: t("Choose a photograph"),
      onchange: () => send({ type: "photograph", name: this.photograph.value }),
    });
    this.file = photographField(t, send);
    this.uploader = button(t("Upload…"), t("Upload a photograph of your own"), () => this.file.click());
    this.target = new Combobox(t, {
      label: t("Class to explain"),
      title: t("The class to explain: the most probable first, type to search all"),
      choose: (index) => send({ type: "target", index, versus: this.versus.index > 0 ? this.versus.index - 1 : null }),
    });
    this.versus = new Combobox(t, {
      label: t("And not this class"),
      title: t("Explain why it is the one class and not this one: what tells them apart"),
      choose: (index) => send({ type: "target", index: this.target.index, versus: index > 0 ? index - 1 : null }),
    });
    this.method = h("select", {
      "aria-label": t("Method"),
      title: t("An explanation method: our preset for watching, or as its paper published it"),
      onchange: () => send({ type: "method", index: Number(this.method.value) }),
    });

    this.play = h("button", { class: "cx-play", onclick: () => send({ type: this.playing ? "pause" : "play" }) });
    this.step = button(t("Step"), t("Take one step"), () => send({ type: "step" }));
    this.reset = button(t("Reset"), t("Begin again from the first mask"), () => send({ type: "reset" }));
    this.progress = h("progress", { max: 1, value: 0, "aria-label": t("Progress of the run") });
    this.where = h("span", { class: "cx-where" });

    this.frames = h("input", {
      type: "range",
      min: 0,
      max: 0,
      value: 0,
      "aria-label": t("Frames of the run so far"),
      title: t("Look back over the run; it goes on meanwhile"),
      oninput: () => scrub(Number(this.frames.value)),
    });
    const follow = { class: "cx-live", title: t("Follow the run again"), onclick: () => scrub(null) };
    this.live = h("button", follow, t("● Live"));

    this.settings = new SettingsView(t, send);

    this.runs = group(this.play, this.step, this.reset);
    this.looking = group(caption(t("frames")), this.frames, this.live);
    this.question = h(
      "div",
      { class: "cx-row" },
      group(caption(t("photograph")), this.photograph, this.uploader, this.file),
      group(caption(t("explain")), this.target.element, caption(t("and not")), this.versus.element),
      group(caption(t("method")), this.method, this.settings.button),
    );
    this.element = h(
      "div",
      {},
      this.question,
      h("div", { class: "cx-row" }, this.runs, group(this.progress, this.where), this.looking),
      this.settings.row,
      this.settings.panel,
    );
    this.showStatus({ playing: false, others: 0, step: 0, steps: 1, rate: 0, seconds_left: null });
    this.showFrames(0, null);
  }

  /** @param {Setup} setup */
  set(setup) {
    const { t } = this;
    const { photograph } = setup;
    const names = setup.photographs.map(({ name, title }) => [name, t(title)]);
    if (!names.some(([name]) => name === photograph)) {
      names.push([photograph, photograph === NAMELESS ? t(NAMELESS) : photograph]);
    }
    this.photograph.replaceChildren(...names.map(([value, text]) => h("option", { value }, text)));
    this.photograph.value = photograph;
    this.target.set(setup.labels, setup.top);
    // The first choice is none.
    const top = setup.top.map((one) => ({ ...one, index: one.index + 1 }));
    this.versus.set([t("any other"), ...setup.labels], top);
    this.methods = setup.methods;
    this.method.replaceChildren(...this.methods.map((name, value) => h("option", { value }, methodName(t, name))));
  }

  /**
   * What the kernel has taken, which is not always what was chosen.
   * @param {Settings} settings
   */
  showSettings({ photograph, target, versus, asked, method, settings }) {
    this.photograph.value = photograph;
    this.target.show(target ?? -1, asked);
    this.versus.show(versus === null ? 0 : versus + 1);
    this.versus.input.disabled = target === null;
    this.method.value = String(method);
    this.settings.show(settings, method, this.methods[method]);
  }

  /** @param {Omit<RunStatus, "notes">} status */
  showStatus(status) {
    const { t } = this;
    this.playing = status.playing;
    this.play.textContent = status.playing ? `❚❚ ${t("Pause")}` : `▶ ${t("Play")}`;
    this.play.title = status.playing ? t("Pause after the step under way") : t("Run the optimisation");
    this.play.disabled = !status.playing && status.step >= status.steps;
    this.progress.max = status.steps;
    this.progress.value = status.step;
    const parts = [t("step {step} of {steps}", status)];
    if (status.playing && status.rate) parts.push(t("{rate} steps/s", { rate: Number(status.rate.toPrecision(2)) }));
    if (status.playing && status.others) parts.push(t("in turn with {others} more", { others: status.others }));
    if (status.playing && status.seconds_left) parts.push(t("{time} left", { time: seconds(status.seconds_left) }));
    this.where.textContent = parts.join(" · ");
  }

  /**
   * How many frames there are, and which is shown (null: the newest).
   * @param {number} count
   * @param {number | null} shown
   */
  showFrames(count, shown) {
    this.frames.max = String(Math.max(0, count - 1));
    this.frames.value = String(shown ?? count - 1);
    this.frames.disabled = count < 2;
    this.frames.setAttribute(
      "aria-valuetext",
      this.t("frame {frame} of {count}", { frame: (shown ?? count - 1) + 1, count }),
    );
    this.live.setAttribute("aria-pressed", String(shown === null));
    this.live.disabled = shown === null;
  }
}
