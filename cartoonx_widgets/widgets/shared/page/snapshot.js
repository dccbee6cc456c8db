// What is seen of a widget without its kernel: the picture that was saved with it.

import { h } from "./dom.js";

/**
 * Show the picture that the model keeps in place of what else the view shows, if there is one. What it returns takes
 * it away.
 *
 * @param {HTMLElement} root of the view
 * @param {import("./types.d.ts").Model} model
 * @param {import("./types.d.ts").Translator} t
 */
export function showSnapshot(root, model, t) {
  const { picture, summary } = model.get("snapshot") ?? {};
  if (!summary) return () => {};
  const still = h(
    "figure",
    { class: "cx-snapshot" },
    picture ? h("img", { src: picture, alt: summary }) : "",
    h("figcaption", {}, summary, h("br"), h("small", {}, t("As it was saved. Run the cell to see it live."))),
  );
  root.append(still);
  root.classList.add("cx-unopened");
  return () => {
    root.classList.remove("cx-unopened");
    still.remove();
  };
}
