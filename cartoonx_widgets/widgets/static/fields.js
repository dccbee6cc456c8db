// A control for one setting, by its kind. It shows what the kernel says, and tells what was entered.

const HOLD = 500; // milliseconds in which an answer to what a slider said earlier does not move it back

/** "λ_TV" with its index set low. */
function symbol(text) {
  if (!text) return "";
  const [base, index] = text.split("_");
  return h("i", { class: "cx-symbol" }, base, index ? h("sub", {}, index) : null);
}

/** One setting; `words` say whose value its tooltip tells: that of the paper, of our preset, or of the user. */
class Field {
  constructor(setting, send) {
    this.setting = setting;
    this.held = 0;
    this.say = (value) => send({ type: "setting", path: setting.path, value });
    this.control = CONTROLS[setting.kind](setting, this);
    this.undo = h("button", { class: "cx-undo", onclick: () => this.say(this.setting.preset) });
  }

  /** Beside other settings, in one line. */
  inRow() {
    const word = this.setting.label.replace(/ ?lambda$/, "");
    const caption = h("span", { class: "cx-caption", "aria-hidden": "true" }, symbol(this.setting.symbol), word && ` ${word}`);
    this.element = h("div", { class: "cx-field cx-short" }, caption, ...this.control.parts, this.undo);
    return this;
  }

  /** Below other settings, with its name above. */
  inPanel() {
    const { label, kind } = this.setting;
    const { parts, main } = this.control;
    main.id = `cx-${Math.random().toString(36).slice(2)}`;
    const name = h("label", { for: main.id }, label, " ", symbol(this.setting.symbol));
    const short = kind === "switch"; // stands beside its name
    this.element = h(
      "div",
      { class: "cx-field" },
      h("div", { class: "cx-name" }, ...(short ? parts : []), name, this.undo),
      short ? null : h("div", { class: "cx-entry" }, ...parts),
    );
    return this;
  }

  /** Until then what the kernel says is remembered and not shown: it may be the answer to something older. */
  hold(milliseconds) {
    this.held = performance.now() + milliseconds;
  }

  show(setting, words) {
    this.setting = setting;
    this.words = words;
    const { value, preset, label } = setting;
    const changed = isChanged(setting);
    this.element.classList.toggle("cx-changed", changed);
    // It keeps its place where there is nothing to undo, so that nothing moves.
    if (!changed && document.activeElement === this.undo) this.control.main.focus();
    this.undo.disabled = !changed;
    this.undo.replaceChildren("↺", h("span", {}, ` ${inShort(preset)}`));
    this.undo.title = `Back to ${words.whose} ${inShort(preset)}`;
    this.undo.setAttribute("aria-label", `${label}: back to ${inShort(preset)}`);
    this.control.parts.forEach((part) => (part.title = tooltip(setting, words)));
    clearTimeout(this.later);
    const rest = this.held - performance.now();
    if (rest > 0) this.later = setTimeout(() => this.show(this.setting, this.words), Math.min(rest, HOLD));
    else this.control.show(value, setting);
  }
}

const isChanged = ({ value, preset }) => preset !== null && value !== preset;

const inShort = (value) => (typeof value === "boolean" ? (value ? "on" : "off") : String(value));

function tooltip({ about, kind, low, high, preset, steerable }, words) {
  const range = ["number", "whole", "log"].includes(kind) ? `slider ${low} to ${high}` : "";
  const known = preset === null ? "" : `${words.who} ${inShort(preset)}`;
  const figures = [range, known].filter(Boolean).join("; ");
  return [
    about,
    figures && `${figures[0].toUpperCase()}${figures.slice(1)}.`,
    steerable ? "Holds from the next step on." : "Begins the run again.",
  ]
    .filter(Boolean)
    .join(" ");
}

// Each gives its elements, the main one among them, and shows a value.
const CONTROLS = {
  choice({ label }, field) {
    const select = h("select", { "aria-label": label, onchange: () => field.say(select.value) });
    let known = "";
    return {
      parts: [select],
      main: select,
      show(value, { choices }) {
        if (known !== choices.join()) select.replaceChildren(...choices.map((choice) => h("option", {}, choice)));
        known = choices.join();
        select.value = value;
      },
    };
  },

  switch({ label }, field) {
    const box = h("input", { type: "checkbox", "aria-label": label, onchange: () => field.say(box.checked) });
    return { parts: [box], main: box, show: (value) => (box.checked = value) };
  },

  number: (setting, field) =>
    slider(setting, field, {
      name: `${setting.label}, slider`,
      range: { min: setting.low, max: setting.high, step: setting.high > 1 ? 0.5 : 0.01 },
      place: (value) => value,
      value: (place) => place,
    }),

  whole: (setting, field) =>
    slider(setting, field, {
      name: `${setting.label}, slider`,
      range: { min: setting.low, max: setting.high, step: 1 },
      place: (value) => value,
      value: (place) => place,
    }),

  log: (setting, field) =>
    slider(setting, field, {
      name: `${setting.label}, logarithmic`,
      range: { min: Math.log10(setting.low), max: Math.log10(setting.high), step: 0.05 },
      place: (value) => (value > 0 ? Math.log10(value) : Math.log10(setting.low)),
      value: (place) => Number((10 ** place).toPrecision(2)),
    }),
};

/** A number's slider, and a field for an exact value, also one beyond the slider's ends. */
function slider({ label, steerable }, field, { name, range, place, value }) {
  let typed = false;
  const tell = (shown) => {
    track.setAttribute("aria-valuetext", String(shown));
    if (!typed) entry.value = shown;
  };
  const show = (shown) => {
    track.value = place(shown);
    tell(shown);
  };
  const enter = () => {
    if (!typed) return;
    typed = false;
    field.hold(0);
    if (Number.isNaN(entry.valueAsNumber)) field.show(field.setting, field.words); // it was left empty
    else field.say(entry.valueAsNumber);
  };
  const track = h("input", {
    type: "range",
    ...range,
    "aria-label": name,
    oninput() {
      typed = false;
      field.hold(Infinity);
      const moved = value(Number(track.value));
      tell(moved); // a slider set by us while it moves would not tell when it is let go
      if (steerable) field.say(moved); // the others begin the run again: once, when the slider is let go
    },
    onchange() {
      field.hold(HOLD);
      if (!steerable) field.say(value(Number(track.value)));
    },
  });
  const entry = h("input", {
    type: "number",
    step: "any",
    "aria-label": label,
    oninput: () => (typed = true),
    onchange: enter,
    onblur: enter,
    onkeydown: (event) => event.key === "Enter" && enter(),
  });
  return { parts: [track, entry], main: entry, show };
}
