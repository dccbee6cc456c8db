// A recorded run as the page holds it. Masks are unpacked when they are looked at, a group at once.

import { bytes, inflated } from "../../shared/page/bytes.js";

const GROUPS_KEPT = 4;

export class Film {
  static async open(film) {
    const halves = new Uint16Array((await inflated(bytes(film.coefficients))).buffer);
    const coefficients = new Float32Array(new Uint32Array(halves).map((half) => half << 16).buffer);
    return new Film(film, coefficients);
  }

  constructor(film, coefficients) {
    this.film = film;
    this.scene = { ...film.scene, source: film.photograph, coefficients };
    this.values = Float32Array.from(film.curves.flat());
    this.length = film.frames.length;
    this.groups = new Map();
  }

  /** What a `RunView` draws of a frame, with one band alone where one is picked. */
  async picture(index, band) {
    const { cartoon, ...message } = this.film.frames[index];
    const levels = await this.levels(index);
    const moment = band === null ? null : this.moment(message.step);
    return {
      message: { ...message, band },
      source: cartoon,
      levels,
      values: this.values,
      part: moment && moment.bands[band],
      partStep: moment && moment.step,
    };
  }

  /** The mask of a frame, in levels of 0 to 255. */
  async levels(index) {
    const { group: size, groups } = this.film;
    const place = Math.floor(index / size);
    const known = this.groups.get(place) ?? this.unpack(groups[place], Math.min(size, this.length - place * size));
    this.groups.delete(place); // the one used last stands last
    this.groups.set(place, known);
    if (this.groups.size > GROUPS_KEPT) this.groups.delete(this.groups.keys().next().value);
    return (await known)[index % size];
  }

  async unpack(group, frames) {
    const all = await inflated(bytes(group));
    const n = all.length / frames;
    for (let i = n; i < all.length; i++) all[i] += all[i - n]; // what has changed since the frame before
    return Array.from({ length: frames }, (_, i) => all.subarray(i * n, (i + 1) * n));
  }

  /** Of the moments whose bands are held, the one nearest to a step. */
  moment(step) {
    const away = (moment) => Math.abs(moment.step - step);
    return this.film.parts.reduce((best, moment) => (away(moment) < away(best) ? moment : best));
  }
}
