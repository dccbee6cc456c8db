// The little of plotly.js that is used.

export interface Trace {
  /** The copy in `shared/plotly/` draws no others. */
  type: "scatter" | "bar" | "box";
  name?: string;
  [setting: string]: any;
}

/** Settings of a layout, or of an axis. */
export type Layout = Record<string, any>;

export interface Axis {
  range: [number, number];
  /** In pixels of the plot. */
  _offset: number;
  _length: number;
  d2p(value: number): number;
  /** Numbers of categories count as positions here. */
  p2c(pixels: number): number;
}

/** An element that has been drawn in; before that it has neither `on` nor `_fullLayout`. */
export interface Plot extends HTMLDivElement {
  on(event: string, handler: (event: any) => void): void;
  _fullLayout?: { xaxis: Axis; yaxis: Axis };
  /** What is drawn: of bars, from where to where each is wide. */
  calcdata?: { p0: number; p1: number }[][];
}

export interface Plotly {
  react(plot: HTMLElement, traces: Trace[], layout: Layout, config: object): Promise<unknown>;
  purge(plot: HTMLElement): void;
}
