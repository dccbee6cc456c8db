// Written by scripts/page_types.py from ../messages.py: change that, and run the script.

import type {
  ChooseLevels,
  CodeMessage,
  CodeRequest,
  ErrorMessage,
  Keep,
  Library,
  LibraryRequest,
  Ready,
} from "../../shared/page/messages.d.ts";

/** A signal that can be chosen: its name, what a person calls it, and what is to be seen in it. */
export interface SignalChoice {
  name: string;
  title: string;
  about: string;
}

/** What can be chosen. */
export interface Setup {
  type: "setup";
  /** that are computed. */
  signals: SignalChoice[];
  /** of the wavelets. */
  names: string[];
}

/**
 * The signal, its coefficients, what is kept of them, and where the controls stand.
 *
 * Buffers: the n samples, the n coefficients, coarse to fine, and the n samples of the approximation, float64 each;
 * and whether each coefficient is kept, uint8.
 */
export interface Analysis {
  type: "analysis";
  /** counts the signals that were set as a whole, not those that were drawn or dragged. */
  serial: number;
  /** of the signal; "" where it is none that can be chosen. */
  name: string;
  /** samples, and coefficients. */
  n: number;
  /** the wavelet's name. */
  representation: string;
  /** how often the signal is split. */
  levels: number;
  /** how often it can be. */
  most: number;
  /** how many coefficients are kept. */
  k: number;
  /** how many are not 0. */
  nonzero: number;
  /** share of the sum of squares; null where the signal is 0. */
  energy_kept: number | null;
  /** of the approximation; likewise. */
  relative_error: number | null;
  /** in dB; null where nothing is lost as well. */
  snr: number | null;
  /** number of the page's request; null where Python asked. */
  answers: number | null;
}

/** The wavelet that a coefficient multiplies. Buffer: its n samples, float64. */
export interface Atom {
  type: "atom";
  index: number;
}

/** Replace samples, from the one with the index `first` on; `answers` is the request's number. */
export interface Draw {
  type: "draw";
  first: number;
  samples: number[];
  answers?: number | null;
}

/** Give a coefficient another value, and the signal what follows; `answers` is the request's number. */
export interface MoveCoefficient {
  type: "coefficient";
  index: number;
  value: number;
  answers?: number | null;
}

/** Take a signal that is computed, by its name. */
export interface ChooseSignal {
  type: "signal";
  name: string;
}

/** Take another wavelet, by its name. */
export interface ChooseRepresentation {
  type: "representation";
  name: string;
}

/** Show the wavelet of a coefficient. */
export interface PickCoefficient {
  type: "atom";
  index: number;
}

export type ToPage =
  | Setup
  | Analysis
  | Atom
  | ErrorMessage
  | CodeMessage
  | Library;

export type FromPage =
  | Ready
  | Draw
  | MoveCoefficient
  | Keep
  | ChooseSignal
  | ChooseRepresentation
  | ChooseLevels
  | PickCoefficient
  | CodeRequest
  | LibraryRequest;
