// Written by scripts/page_types.py from ../messages.py: change that, and run the script.

import type { Band, Mosaic } from "../../run_view/page/messages.d.ts";
import type {
  ChooseLevels,
  CodeMessage,
  CodeRequest,
  ErrorMessage,
  Keep,
  Library,
  LibraryRequest,
  Photograph,
  Ready,
  Upload,
} from "../../shared/page/messages.d.ts";

/** Which lab is beside this one, and what they share. */
export interface Beside {
  type: "beside";
  /** id of its model; null where there is none. */
  model: string | null;
  /** whether this lab stands beside another one itself. */
  is_second: boolean;
  /** whether they have the same picture, and the same noise. */
  picture: boolean;
  /** whether they keep as many coefficients. */
  k: boolean;
}

/** Take the lab beside this one away. */
export interface CloseBeside {
  type: "close_beside";
}

/** Show another lab beside this one, with the same settings. */
export interface OpenBeside {
  type: "open_beside";
}

/** Let both labs have the same picture, the same k, or not. */
export interface Share {
  type: "share";
  picture: boolean;
  k: boolean;
}

/** Add noise and take it out again; the fields are as in `Denoised`. */
export interface Denoise {
  type: "denoise";
  sigma: number;
  kind: "hard" | "soft";
  threshold: number | null;
  by_scale: (number | null)[];
  answers?: number | null;
}

/**
 * What thresholds leave of the picture with noise.
 *
 * Buffer: the pictures below each other in one (JPEG), in the order of `psnr`.
 */
export interface Denoised {
  type: "denoised";
  /** which setup it belongs to. */
  run: number;
  /** standard deviation of the noise. */
  sigma: number;
  /** of the threshold. */
  kind: "hard" | "soft";
  /** in standard deviations of the noise; null for the universal one. */
  threshold: number | null;
  /** of each scale, from the finest on, a threshold of its own; null where it has none. */
  by_scale: (number | null)[];
  /** the representation's universal threshold, in standard deviations of the noise. */
  universal: number;
  /** of the picture with noise, by "noisy", and of each denoised one, in dB; null where it is infinite. */
  psnr: Record<string, number | null>;
  /** rows of each in the picture. */
  strip: number;
  /** number of the page's request; null where Python asked. */
  answers: number | null;
}

/** SSIM of the pictures that were sent last, which takes longer. */
export interface DenoisedFigures {
  type: "denoised_figures";
  run: number;
  ssim: Record<string, number>;
}

/** Nothing is denoised any more. */
export interface DenoisingStopped {
  type: "denoising_stopped";
}

/** Denoise nothing any more. */
export interface StopDenoising {
  type: "stop_denoising";
}

/** Where the controls stand. */
export interface Controls {
  /** what the picture is called. */
  photograph: string;
  /** its name. */
  representation: string;
  /** how often the picture is split. */
  levels: number;
  /** how often it can be. */
  most: number;
  /** how many coefficients are kept. */
  k: number;
  /** the names of the bands that are switched off. */
  off: string[];
}

/** Sorted magnitudes at some ranks; null where one is 0. */
export interface Line {
  rank: number[];
  magnitude: (number | null)[];
}

/** A power law fitted to sorted magnitudes: that of rank m is about scale * m^(-rate). */
export interface Decay {
  /** null where there is too little to fit. */
  rate: number | null;
  /** null where there is too little to fit. */
  scale: number | null;
  /** rank that was fitted, counted from 1. */
  first: number;
  /** rank that was fitted. */
  last: number;
}

/**
 * All that stays as it is until another picture or representation is chosen.
 *
 * Buffers: the photograph (JPEG), and the mosaic's cells, uint8.
 */
export interface Setup extends Controls {
  type: "setup";
  /** counts the decompositions. */
  run: number;
  /** that can be chosen. */
  photographs: Photograph[];
  /** that can be chosen. */
  drawings: Photograph[];
  /** of the representations that can be chosen. */
  names: string[];
  /** rows and columns of the picture. */
  size: [number, number];
  /** how many coefficients there are, for each colour. */
  n: number;
  /** of the representation, in their order. */
  bands: Band[];
  /** whether their directions are angles. */
  directional: boolean;
  /** where their tiles stand. */
  mosaic: Mosaic;
  /** of the mosaic, from 0 to 1. */
  colours: string[];
  /** of each band. */
  energies: number[];
  /** sorted magnitudes, by "representation", "pixels", "fourier", "cosine". */
  lines: Record<string, Line>;
  /** of the same. */
  decays: Record<string, Decay>;
}

/** Where the controls stand, after something was refused. */
export interface State extends Controls {
  type: "state";
}

/**
 * What the k largest coefficients give.
 *
 * Buffers: which cells of the mosaic are kept, eight to a byte; and the approximations below each other in one picture
 * (JPEG).
 */
export interface Kept {
  type: "kept";
  /** which setup it belongs to. */
  run: number;
  /** how many were asked for. */
  k: number;
  /** how many are kept, without those of bands that are off. */
  count: number;
  /** the names of these bands. */
  off: string[];
  /** of each approximation, in dB, in the order of the pictures; null where it is infinite. */
  psnr: Record<string, number | null>;
  /** rows of each approximation in the picture. */
  strip: number;
  /** number of the page's request; null where Python asked. */
  answers: number | null;
}

/** What takes longer about the k largest. */
export interface FiguresMessage {
  type: "figures";
  /** which setup they belong to. */
  run: number;
  /** how many are kept. */
  k: number;
  /** the names of the bands that are switched off. */
  off: string[];
  /** of each approximation. */
  ssim: Record<string, number>;
  /** of each band, what is kept of it. */
  energies: number[];
}

/** PSNR in dB, null where it is infinite, and SSIM over k. */
export interface Curve {
  k: number[];
  psnr: (number | null)[];
  ssim: number[];
}

/** PSNR and SSIM over k of the representation and the bases, as far as they are known. */
export interface CurvesMessage {
  type: "curves";
  run: number;
  curves: Record<string, Curve>;
  complete: boolean;
}

/**
 * One coefficient, the largest of its cell.
 *
 * Buffer: the picture that it stands for, around middle grey, over the faint photograph (JPEG).
 */
export interface PickedCoefficient {
  type: "picked";
  kind: "coefficient";
  /** which setup it belongs to. */
  run: number;
  /** its index. */
  band: number;
  /** row and column in the band's tile. */
  cell: [number, number];
  /** in the band. */
  row: number;
  /** in the band. */
  column: number;
  /** its size, over the colours. */
  magnitude: number;
  /** by that, counted from 1. */
  rank: number;
  /** first row and column, last row and column of what is seen of its picture. */
  support: [number, number, number, number];
  /** of the three colours. */
  values: number[];
}

/**
 * Which coefficients cover a pixel.
 *
 * Buffer: for each cell of the mosaic how strongly the strongest of its coefficients does, uint8; 0 where none does.
 */
export interface PickedPixel {
  type: "picked";
  kind: "pixel";
  /** which setup it belongs to. */
  run: number;
  /** of the pixel. */
  row: number;
  /** of the pixel. */
  column: number;
  /** of the coefficients. */
  count: number;
  /** of each scale, and of the "lowpass". */
  counts: Record<string, number>;
}

/** Take another photograph or drawing apart, by its name. */
export interface ChoosePhotograph {
  type: "photograph";
  name: string;
}

/** Take the picture apart in another way, by its name. */
export interface ChooseRepresentation {
  type: "representation";
  name: string;
}

/** Switch these bands off, by their names, and all others on. */
export interface SwitchBands {
  type: "bands";
  off: string[];
}

/** Show the largest coefficient of a cell, by the index of its band, and row and column in the band's tile. */
export interface PickCoefficient {
  type: "coefficient";
  band: number;
  row: number;
  column: number;
}

/** Show which coefficients cover a pixel. */
export interface PickPixel {
  type: "pixel";
  row: number;
  column: number;
}

/** Set everything but the picture back to what it was at first. */
export interface Reset {
  type: "reset";
}

/** An orthogonal wavelet. */
export interface WrittenWavelet {
  /** its filter `dec_lo`. */
  low: number[];
  /** its filter `dec_hi`. */
  high: number[];
  /** how the picture goes on beyond its border. */
  mode: "zero" | "periodization";
  /** how often it splits the picture at first. */
  levels: number;
  /** how often it can. */
  most: number;
  /** the key of its layouts. */
  layouts: string;
}

/** The bands of a split picture, and where their tiles stand. */
export interface WrittenLayout {
  bands: Band[];
  mosaic: Mosaic;
}

/** What a picture may have. */
export interface Limits {
  /** pixels, at least. */
  side: number;
  /** in all, at most. */
  pixels: number;
}

/** A lab as it stands, and all that it can be asked for. */
export interface WrittenLab {
  /** where they stand. */
  controls: Controls;
  /** of the picture, in pixels. */
  side: number;
  /** that can be chosen. */
  photographs: Photograph[];
  /** that can be chosen. */
  drawings: Photograph[];
  /** these and the present one, each as a file in base64, by their names. */
  pictures: Record<string, string>;
  /** by their names. */
  wavelets: Record<string, WrittenWavelet>;
  /** after 0, 1, 2, ... splits. */
  layouts: Record<string, WrittenLayout[]>;
  /** of the mosaic, from 0 to 1. */
  colours: string[];
  /** of pictures that are uploaded. */
  limits: Limits;
}

export type ToPage =
  | Setup
  | State
  | Kept
  | FiguresMessage
  | CurvesMessage
  | PickedCoefficient
  | PickedPixel
  | Denoised
  | DenoisedFigures
  | DenoisingStopped
  | Beside
  | ErrorMessage
  | CodeMessage
  | Library;

export type FromPage =
  | Ready
  | Keep
  | ChoosePhotograph
  | Upload
  | ChooseRepresentation
  | ChooseLevels
  | SwitchBands
  | PickCoefficient
  | PickPixel
  | Denoise
  | StopDenoising
  | OpenBeside
  | CloseBeside
  | Share
  | Reset
  | CodeRequest
  | LibraryRequest;
