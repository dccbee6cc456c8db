// What pages without a kernel share.

/** The JSON in the page's element with this id. */
export const held = (id) => JSON.parse(document.getElementById(id).textContent);

/** Where the widget goes: what is seen until then goes when `shown` has been, or at once. */
export async function fill(show) {
  const place = document.getElementById("widget");
  const still = [...place.children];
  await show(place);
  still.forEach((element) => element.remove());
}
