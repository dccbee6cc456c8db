// Written by scripts/page_types.py from ../messages.py: change that, and run the script.

import type { Figures, Prediction, Scene, ScoresOverSteps, Summary } from "../../run_view/page/messages.d.ts";
import type {
  CodeMessage,
  CodeRequest,
  ErrorMessage,
  Library,
  LibraryRequest,
  Photograph,
  Ready,
  Upload,
} from "../../shared/page/messages.d.ts";

/** A setting as the page shows it. */
export interface ShownSetting {
  /** its place in the method. */
  path: string;
  /** of its control. */
  label: string;
  /** the papers' symbol, an index after "_"; "" without one. */
  symbol: string;
  /** of control; "log" is a number over powers of ten. */
  kind: "choice" | "number" | "log" | "whole" | "switch";
  /** least value of its slider. */
  low: number;
  /** largest value of its slider. */
  high: number;
  /** of a choice. */
  choices: string[];
  /** one sentence for a tooltip. */
  about: string;
  /** whether it can be moved while a run plays; otherwise the run begins again. */
  steerable: boolean;
  /** whether it is in the row above the panels. */
  prominent: boolean;
  /** the current one. */
  value: number | string | boolean;
  /** that of the method which was chosen; null where it does not apply there. */
  preset: number | string | boolean | null;
}

/**
 * Everything about a live run that stays as it is.
 *
 * Buffer: the photograph (PNG).
 */
export interface Setup extends Scene {
  type: "setup";
  /** its number. */
  run: number;
  /** of all classes. */
  labels: string[];
  /** that can be chosen. */
  photographs: Photograph[];
  /** the photograph's most probable classes. */
  top: Prediction[];
  /** the names of those that can be chosen. */
  methods: string[];
}

/** The photograph's coefficients in the mosaic's cells. Buffer: (C, cells) float32. */
export interface Coefficients {
  type: "coefficients";
  /** that they belong to. */
  run: number;
}

/** The scores of the frames that a run has come to have by now. */
export interface Scores extends ScoresOverSteps {
  type: "scores";
  /** that they belong to. */
  run: number;
}

/** What the controls show. */
export interface Settings {
  type: "settings";
  /** what it is called. */
  photograph: string;
  /** index of the explained class among the setup's labels; null where a score is explained. */
  target: number | null;
  /** index of the class that it is not; null without one. */
  versus: number | null;
  /** what the score is called; "" where classes are explained. */
  asked: string;
  /** index of the method that was chosen. */
  method: number;
  /** those that apply. */
  settings: ShownSetting[];
}

/** Where a run is. */
export interface RunStatus {
  /** whether steps are being taken. */
  playing: boolean;
  /** how many other runs take steps, with which this one takes turns. */
  others: number;
  /** steps taken. */
  step: number;
  /** of the whole run. */
  steps: number;
  /** steps a second, 0 where unknown. */
  rate: number;
  /** until the last step; null where unknown. */
  seconds_left: number | null;
  /** on how the run is executed, a sentence each. */
  notes: string[];
  /** what the run has come to; only where it rests. */
  summary?: Summary;
  /** with the summary, what went wrong and its remedy, or "". */
  warning?: string;
}

/** Where the run is. */
export interface StatusMessage {
  type: "status";
  status: RunStatus;
}

/**
 * One frame of the recording.
 *
 * Buffers: the cartoon and the rest (JPEG); the mask in the mosaic's cells, uint8 packed by zlib; steps and curves,
 * (1 + curves, points) float32; and, where a band is picked, what it alone contributes (JPEG).
 */
export interface FrameMessage extends Figures {
  type: "frame";
  /** which run it belongs to. */
  run: number;
  /** in the recording. */
  index: number;
  /** whether it is the newest. */
  live: boolean;
  /** index of the band that is picked; null without one. */
  band: number | null;
  /** seconds since 1970. */
  sent: number;
}

/** A live frame has been drawn; `index` is its index in the recording. */
export interface Seen {
  type: "seen";
  index: number;
}

/** Take steps. */
export interface Play {
  type: "play";
}

/** Rest after the step under way. */
export interface Pause {
  type: "pause";
}

/** Take one step. */
export interface Step {
  type: "step";
}

/** Begin again from the first mask. */
export interface Reset {
  type: "reset";
}

/** Show a frame again by its index in the recording; null for the newest. */
export interface FrameRequest {
  type: "frame";
  index: number | null;
}

/** Explain another photograph, by its name. */
export interface ChoosePhotograph {
  type: "photograph";
  name: string;
}

/** Explain another class, by its index, and not a second one; null without that. */
export interface ChooseTarget {
  type: "target";
  index: number;
  versus: number | null;
}

/** Take another method, by its index in the setup's list. */
export interface ChooseMethod {
  type: "method";
  index: number;
}

/** Set a setting, by its path in the method. */
export interface ChangeSetting {
  type: "setting";
  path: string;
  value: number | string | boolean;
}

/** Send the photograph's coefficients, which only a pointer on the mosaic asks for. */
export interface CoefficientsRequest {
  type: "coefficients";
}

/** Send the scores of the run's frames. */
export interface ScoresRequest {
  type: "scores";
}

/** Show what a band alone contributes, or none; and the frame again that is looked at, null for the newest. */
export interface PickBand {
  type: "band";
  index: number | null;
  frame: number | null;
}

export type ToPage =
  | Setup
  | Coefficients
  | Scores
  | Settings
  | StatusMessage
  | FrameMessage
  | ErrorMessage
  | CodeMessage
  | Library;

export type FromPage =
  | Ready
  | Seen
  | Play
  | Pause
  | Step
  | Reset
  | FrameRequest
  | ChoosePhotograph
  | Upload
  | ChooseTarget
  | ChooseMethod
  | ChangeSetting
  | PickBand
  | CoefficientsRequest
  | CodeRequest
  | ScoresRequest
  | LibraryRequest;
