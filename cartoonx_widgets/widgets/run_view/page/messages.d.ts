// Written by scripts/page_types.py from ../messages.py: change that, and run the script.

/** A class, and its probability. */
export interface Prediction {
  index: number;
  label: string;
  probability: number;
}

/** A band, and its tile in the mosaic. */
export interface Band {
  /** "lowpass", "h5", "2 +45°". */
  name: string;
  /** 1 is the finest. */
  scale: number;
  /** "lowpass", "pixels", or the direction of the edges that it responds to. */
  orientation: string;
  /** that direction in degrees; null where there is no single one. */
  angle: number | null;
  /** whether two real numbers make a coefficient. */
  complex: boolean;
  /** its rows and columns. */
  entries: [number, number];
  /** of the tile's top left corner, in cells. */
  row: number;
  /** of the same. */
  column: number;
  /** of the tile, in cells. */
  rows: number;
  /** of the tile. */
  columns: number;
  /** index of the tile's first cell. */
  start: number;
}

/** The picture of all bands. */
export interface Mosaic {
  /** its rows and columns, in cells. */
  shape: [number, number];
  /** a cell stands for `factor` x `factor` entries. */
  factor: number;
  /** places and names of the scales beside the rows. */
  row_ticks: [number, string][];
  /** the same above the columns. */
  column_ticks: [number, string][];
}

/** A scale of the representation. */
export interface Scale {
  /** "lowpass", "pixels", or its number, where 1 is the finest. */
  name: string;
  /** the shortest and the longest period of what it resolves, in pixels; null: without an end. */
  period: [number, number | null];
}

/** What the panels need to know of a run before its first frame. */
export interface Scene {
  /** what it is called. */
  photograph: string;
  /** its rows and columns. */
  size: [number, number];
  /** the explained class, with its probability for the photograph. */
  target: Prediction;
  /** of the representation, in their order. */
  bands: Band[];
  /** whether their directions are angles. */
  directional: boolean;
  /** the coarsest first. */
  scales: Scale[];
  /** where their tiles stand. */
  mosaic: Mosaic;
  /** of the mosaic, from 0 to 1. */
  colours: string[];
  /** the names of the rows in each frame's curves, after the steps. */
  curves: string[];
}

/** A class's probability for each picture; null for the rest where it was not classified. */
export interface Probabilities {
  label: string;
  photograph: number;
  cartoon: number;
  rest: number | null;
}

/** On which scales lies what is kept; each adds up to 1. */
export interface Profile {
  /** the share of the mask's sum on each scale, in [0, 1]. */
  mask: number[];
  /** the share of the energy that is kept. */
  energy: number[];
}

/** The scores of some frames of a run. */
export interface ScoresOverSteps {
  /** of the frames. */
  steps: number[];
  /** of each score, by its name; null where a frame's is not finite. */
  values: Record<string, (number | null)[]>;
}

/** The numbers of a frame. */
export interface Figures {
  /** steps taken. */
  step: number;
  /** of the whole run. */
  steps: number;
  /** mean mask entry, in [0, 1]. */
  share: number;
  /** of the explained class for the cartoon. */
  probability: number;
  /** of the explained class for the newest rest that was classified; null where none was. */
  probability_rest: number | null;
  /** steps taken when that was classified; null where none was. */
  rest_step: number | null;
  /** on which scales lies what is kept. */
  profile: Profile;
  /** of the classes that are most probable for some picture, and of the explained one. */
  probabilities: Probabilities[];
}

/** What the classifier says of the rest. */
export interface RestSummary {
  /** whether the class is lost without what is kept. */
  needed: boolean;
  /** the explained class's probability. */
  after: string;
  /** the rest's most probable class; null where each class has a probability of its own. */
  first: string | null;
  /** of the rest's most probable class. */
  probability: string;
}

/** What a run has come to, in parts of a sentence which the page puts together in the reader's language. */
export interface Summary {
  /** whether the class is kept. */
  kept: boolean;
  /** of the explained class. */
  label: string;
  /** its probability for the photograph. */
  before: string;
  /** its probability for the cartoon. */
  after: string;
  /** of the coefficients that is kept, in per cent. */
  share: string;
  /** the cartoon's most probable class; null where each class has a probability of its own. */
  first: string | null;
  /** of the cartoon's most probable class. */
  probability: string;
  /** what is left without what is kept; null where it was not classified. */
  rest: RestSummary | null;
}
