// The records of a study as the page holds them: a typed array for each column, and texts that they point into.

const [KEPT, COLLAPSED, FAILED] = [1, 2, 4];

export class Records {
  constructor({ columns, numbers, pictures, ...told }) {
    Object.assign(this, told); // name, classifier, photographs, methods, classes, seeds, better, errors and more
    const whole = (name) => unpacked(columns[name], Uint32Array);
    this.photographOf = whole("photograph");
    this.methodOf = whole("method");
    this.seedOf = whole("seed");
    this.labelOf = whole("label");
    this.cartoonLabelOf = whole("cartoon_label");
    this.state = unpacked(columns.state, Uint8Array);
    this.packed = numbers;
    this.numbers = {};
    this.orders = {};
    this.pictures = pictures;
    this.all = Array.from({ length: this.count }, (_, i) => i);
    this.sound = this.all.filter((i) => !this.failed(i));
  }

  /** A column of numbers, NaN where a record failed. */
  of(name) {
    return (this.numbers[name] ??= unpacked(this.packed[name], Float32Array));
  }

  failed(i) {
    return Boolean(this.state[i] & FAILED);
  }

  kept(i) {
    return Boolean(this.state[i] & KEPT);
  }

  collapsed(i) {
    return Boolean(this.state[i] & COLLAPSED);
  }

  photograph(i) {
    return this.photographs[this.photographOf[i]];
  }

  method(i) {
    return this.methods[this.methodOf[i]];
  }

  seed(i) {
    return this.seeds[this.seedOf[i]];
  }

  label(i) {
    return this.classes[this.labelOf[i]];
  }

  cartoonLabel(i) {
    return this.classes[this.cartoonLabelOf[i]];
  }

  /** Records of one photograph: by method, then by seed. */
  ofPhotograph(photograph) {
    const found = this.all.filter((i) => this.photographOf[i] === photograph);
    return found.sort((a, b) => this.methodOf[a] - this.methodOf[b] || this.seedOf[a] - this.seedOf[b]);
  }

  /** Sound records of one method, in their order. */
  ofMethod(method) {
    this.byMethod ??= this.methods.map((_, place) => this.sound.filter((i) => this.methodOf[i] === place));
    return this.byMethod[method];
  }

  /** The best by a score, or the worst; of one method, or of all (null). Of equal ones the first comes first. */
  ranked(name, method, count, { worst = false } = {}) {
    const values = this.of(name);
    const sign = this.better[name] * (worst ? -1 : 1);
    const order = (this.orders[`${name} ${worst}`] ??= this.sound
      .filter((i) => Number.isFinite(values[i]))
      .sort((a, b) => sign * (values[b] - values[a]) || a - b));
    return (method === null ? order : order.filter((i) => this.methodOf[i] === method)).slice(0, count);
  }

  /** Data URLs of a record's photograph and cartoon, where the page has them. */
  photographPicture(photograph) {
    return pictureUrl(this.pictures.photographs[photograph]);
  }

  cartoonPicture(i) {
    return pictureUrl(this.pictures.cartoons[i]);
  }

  /** Pictures that came later. */
  add({ photographs, cartoons }) {
    Object.assign(this.pictures.photographs, photographs);
    Object.assign(this.pictures.cartoons, cartoons);
  }
}

const pictureUrl = (text) => (text ? `data:image/jpeg;base64,${text}` : null);

/** Numbers from base64, of little-endian bytes. */
function unpacked(text, Type) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Type(bytes.buffer);
}
