// Written by scripts/page_types.py from ../messages.py: change that, and run the script.

import type { Prediction, Profile, Summary } from "../../run_view/page/messages.d.ts";
import type {
  CodeMessage,
  CodeRequest,
  ErrorMessage,
  Library,
  LibraryRequest,
  Ready,
  ShownScore,
} from "../../shared/page/messages.d.ts";

/** A method, and how its line looks. */
export interface ComparedMethod {
  /** what it is called. */
  label: string;
  /** whether it takes steps, and has a curve. */
  optimised: boolean;
  /** in all. */
  steps: number;
  /** of its line. */
  color: string;
  /** of its line as SVG has it; "" for a whole line. */
  dash: string;
}

/**
 * What is compared.
 *
 * Buffer: the photograph (PNG).
 */
export interface Setup {
  type: "setup";
  /** counts the resets. */
  run: number;
  /** whether a kernel runs what is compared. */
  live: boolean;
  /** what it is called. */
  photograph: string;
  /** its rows and columns. */
  size: [number, number];
  /** the explained class, with its probability for the photograph. */
  target: Prediction;
  /** its name. */
  classifier: string;
  /** of the noise. */
  seed: number;
  /** that are compared. */
  methods: ComparedMethod[];
  /** of the table. */
  columns: ShownScore[];
  /** of the mosaic, from 0 to 1. */
  colours: string[];
}

/** What one method has come to. */
export interface ShownSnapshot {
  /** of the method. */
  index: number;
  /** steps taken. */
  step: number;
  /** mean mask entry, in [0, 1]. */
  share: number;
  /** of the explained class for the cartoon. */
  probability: number;
  /** of the explained class for the newest rest that was classified. */
  probability_rest: number;
}

/**
 * What some methods have come to while they play.
 *
 * Buffers: for each in turn the cartoon and the rest (JPEG), the mask (PNG), and steps and distortion, (2, points)
 * float32.
 */
export interface Snapshots {
  type: "snapshots";
  /** which setup they belong to. */
  run: number;
  /** their number, which the page answers. */
  serial: number;
  /** a method each. */
  shown: ShownSnapshot[];
  /** seconds since 1970. */
  sent: number;
}

/**
 * What a method at rest has come to.
 *
 * Buffers: the cartoon and the rest (JPEG), the mask (PNG), and steps and distortion, (2, points) float32.
 */
export interface Result {
  type: "result";
  /** which setup it belongs to. */
  run: number;
  /** of the method. */
  index: number;
  /** steps taken. */
  step: number;
  /** mean mask entry, in [0, 1]. */
  share: number;
  /** of the explained class for the cartoon. */
  probability: number;
  /** of the explained class for the rest. */
  probability_rest: number;
  /** the same as a sentence's parts. */
  summary: Summary;
  /** what went wrong and its remedy, or "". */
  warning: string;
  /** on which scales lies what is kept, the coarsest first. */
  profile: Profile;
  /** of the table, by the columns' keys; null where a score is not finite. */
  row: Record<string, string | boolean | number | null>;
}

/** Where one method is. */
export interface MethodStatus {
  /** "ready" before its first step, "done" after its last one. */
  state: "ready" | "playing" | "paused" | "done" | "failed";
  /** steps taken. */
  step: number;
  /** in all. */
  steps: number;
  /** that its steps have taken. */
  seconds: number;
  /** that those which are left will take; null where unknown. */
  seconds_left: number | null;
}

/** The status of all methods. */
export interface StatusMessage {
  type: "status";
  /** which setup it belongs to. */
  run: number;
  /** whether some method takes steps. */
  playing: boolean;
  /** until all are done; null where unknown. */
  seconds_left: number | null;
  /** the status of each. */
  methods: MethodStatus[];
}

/** What stopped one method: an error with the method's index, and the run that it belongs to. */
export interface MethodError extends ErrorMessage {
  index: number;
  run: number;
}

/** Which explorer is open. */
export interface ExplorerMessage {
  type: "explorer";
  /** id of its model; null where none is open. */
  model: string | null;
  /** of the method that it shows; "" where none is open. */
  label: string;
}

/** What was exported, to be saved by the browser under a name. Buffer: the file. */
export interface FileMessage {
  type: "file";
  name: string;
  mime: string;
}

/** Snapshots have been drawn; `index` is their serial. */
export interface Seen {
  type: "seen";
  index: number;
}

/** Let a method take steps, by its index; null for all. */
export interface Play {
  type: "play";
  index: number | null;
}

/** Let a method rest, by its index; null for all. */
export interface Pause {
  type: "pause";
  index: number | null;
}

/** Begin all again. */
export interface Reset {
  type: "reset";
}

/** Open a method in the explorer, by its index. */
export interface Open {
  type: "open";
  index: number;
}

/** Close the explorer. */
export interface CloseExplorer {
  type: "close_explorer";
}

/** Write the comparison as a file and send it. */
export interface Export {
  type: "export";
  form: "png" | "svg" | "csv" | "html";
}

export type ToPage =
  | Setup
  | Snapshots
  | Result
  | StatusMessage
  | MethodError
  | ErrorMessage
  | ExplorerMessage
  | FileMessage
  | CodeMessage
  | Library;

export type FromPage =
  | Ready
  | Seen
  | Play
  | Pause
  | Reset
  | Open
  | CloseExplorer
  | Export
  | LibraryRequest
  | CodeRequest;
