// Written by scripts/page_types.py from ../messages.py: change that, and run the script.

import type { Figures, Scene, ScoresOverSteps, Summary } from "../../run_view/page/messages.d.ts";
import type { ErrorMessage, Library, LibraryRequest, Ready } from "../../shared/page/messages.d.ts";

/** A frame's cartoon and the rest, as data URLs. */
export interface Pictures {
  cartoon: string;
  rest: string;
}

/** A frame's figures and its pictures. */
export interface RecordedFrame extends Figures, Pictures {
}

/** What each band alone contributes after a step, as data URLs. */
export interface Moment {
  step: number;
  bands: string[];
}

/** The weight of one of the method's penalties, or its budget, by the path of its setting. */
export interface PenaltyWeight {
  path: string;
  value: number;
}

/** A recorded run. */
export interface ReplayContent {
  /** what stays as it is. */
  scene: Scene;
  /** a data URL. */
  photograph: string;
  /** the upper halves of float32, (C, cells) uint16, compressed by zlib, in base64. */
  coefficients: string;
  /** steps and curves, rows of numbers. */
  curves: number[][];
  /** in their order. */
  frames: RecordedFrame[];
  /** how many masks are packed together. */
  group: number;
  /** of masks in the mosaic's cells, as `recording.deltas` packs them, in base64. */
  groups: string[];
  /** what single bands contribute, at some of the frames; empty where there is one band. */
  parts: Moment[];
  /** of some frames, over the steps. */
  scores: ScoresOverSteps;
  /** what the run has come to. */
  outcome: Summary;
  /** what went wrong and its remedy, or "". */
  warning: string;
  /** of the penalties, and the budget where there is one. */
  penalty_weights: PenaltyWeight[];
  /** method and classifier. */
  details: string;
}

/** The whole run: the page asks no kernel for anything else. */
export interface ContentMessage {
  type: "content";
  content: ReplayContent;
}

export type ToPage =
  | ContentMessage
  | ErrorMessage
  | Library;

export type FromPage =
  | Ready
  | LibraryRequest;
