// A tip at the pointer.

/**
 * Place a tip below the pointer, within the width of the element that holds it.
 * @param {HTMLElement} tip
 * @param {HTMLElement} element
 * @param {MouseEvent} event
 */
export function placeTip(tip, element, event) {
  const box = element.getBoundingClientRect();
  const left = Math.min(event.clientX - box.left + 12, box.width - tip.offsetWidth - 4);
  tip.style.left = `${Math.max(0, left)}px`;
  tip.style.top = `${event.clientY - box.top + 14}px`;
}
