// One viewport for several pictures: what is enlarged in one of them is enlarged in all.

const MOST_ZOOM = 32;

export const ZOOM_STEP = 1.25;

/** What is seen: a square part of a picture, 1 / scale wide, from x and y on, all in parts of the picture's sides. */
export class Viewport {
  scale = 1;
  x = 0;
  y = 0;
  #hasSaid = false;
  /** @type {((viewport: Viewport) => void)[]} */
  #followers = [];

  /** @param {(viewport: Viewport) => void} redraw is called when another part is to be seen */
  follow(redraw) {
    this.#followers.push(redraw);
  }

  /**
   * See another part; whether anything changed.
   * @param {number} scale
   * @param {number} x
   * @param {number} y
   */
  set(scale, x, y) {
    const before = [this.scale, this.x, this.y].join();
    this.scale = clamped(scale, 1, MOST_ZOOM);
    [this.x, this.y] = [x, y].map((place) => clamped(place, 0, 1 - 1 / this.scale));
    const changed = before !== [this.scale, this.x, this.y].join();
    if (changed) this.#followers.forEach((redraw) => redraw(this));
    return changed;
  }

  /**
   * Enlarge around a place in what is seen, given in parts of its sides; whether anything changed.
   * @param {number} factor
   */
  zoom(factor, [across, down] = [0.5, 0.5]) {
    const scale = clamped(this.scale * factor, 1, MOST_ZOOM);
    const by = 1 / this.scale - 1 / scale;
    return this.set(scale, this.x + across * by, this.y + down * by);
  }

  /**
   * Move by parts of what is seen; whether anything changed.
   * @param {number} right
   * @param {number} down
   */
  pan(right, down) {
    return this.set(this.scale, this.x + right / this.scale, this.y + down / this.scale);
  }

  /**
   * Move as little as brings a place of the picture, in parts of its sides, into what is seen; whether anything changed.
   * @param {number} across
   * @param {number} down
   */
  reveal(across, down) {
    const side = 1 / this.scale;
    return this.set(this.scale, clamped(this.x, across - side, across), clamped(this.y, down - side, down));
  }

  /**
   * The place of the picture that is seen at a place of the stage, both in parts of their sides.
   * @param {[number, number]} place from the left and from the top
   * @returns {[number, number]}
   */
  toPicture([across, down]) {
    return [this.x + across / this.scale, this.y + down / this.scale];
  }

  /**
   * Where a place of the picture is seen, both in parts of their sides; beyond 0 and 1 it is not.
   * @param {[number, number]} place from the left and from the top
   * @returns {[number, number]}
   */
  toStage([across, down]) {
    return [(across - this.x) * this.scale, (down - this.y) * this.scale];
  }

  /** Whether it is the first time that how the wheel zooms has to be said. */
  says() {
    const first = !this.#hasSaid;
    this.#hasSaid = true;
    return first;
  }

  reset() {
    return this.set(1, 0, 0);
  }
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
const clamped = (value, least, most) => Math.max(least, Math.min(most, value));
