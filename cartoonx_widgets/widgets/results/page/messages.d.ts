// Written by scripts/page_types.py from ../messages.py: change that, and run the script.

import type { ErrorMessage, Library, LibraryRequest, Ready, ShownScore } from "../../shared/page/messages.d.ts";

/** Small JPEGs in base64: photographs by their index, cartoons by their record's. */
export interface Pictures {
  photographs: Record<number, string>;
  cartoons: Record<number, string>;
}

/** What each record points to, in base64. */
export interface Columns {
  /** index of its photograph, uint32. */
  photograph: string;
  /** index of its method, uint32. */
  method: string;
  /** index of its seed, uint32. */
  seed: string;
  /** index of the explained class, uint32. */
  label: string;
  /** index of the cartoon's most probable class, uint32. */
  cartoon_label: string;
  /** 1 where the class is kept, + 2 where the mask collapsed, + 4 where it failed; uint8. */
  state: string;
}

/** On which scales lies what some explanations keep, the coarsest first; each adds up to 1. */
export interface MeanProfile {
  /** of the explanations. */
  count: number;
  /** the mean share of the mask's sum on each scale, in [0, 1]; empty where there is no explanation. */
  mask: number[];
  /** the mean share of the energy that is kept. */
  energy: number[];
}

/** The mean scale profiles of one method. */
export interface MethodProfiles {
  /** how many it has; 1 on pixels, 0 where no record has a profile. */
  scales: number;
  /** of all explanations. */
  all: MeanProfile;
  /** where the photograph's most probable class is the one that came with it. */
  right: MeanProfile;
  /** where it is another. */
  wrong: MeanProfile;
}

/** What went wrong. */
export interface Errors {
  /** how many records failed. */
  count: number;
  /** how many different errors there are. */
  kinds: number;
  /** the first of them: index of the photograph, indices of the methods, and the error. */
  listed: [number, number[], string][];
}

/** The records of a study so far. */
export interface Records {
  /** of the study's folder. */
  name: string;
  /** its name. */
  classifier: string;
  /** seconds since 1970. */
  made: number;
  /** of the records. */
  count: number;
  /** how many there will be; null where there are that many. */
  expected: number | null;
  /** their names. */
  photographs: string[];
  /** their names. */
  methods: string[];
  /** their labels. */
  classes: string[];
  /** as text. */
  seeds: string[];
  /** those that photographs are ranked by, by name. */
  scores: Record<string, ShownScore>;
  /** how many of the best and of the worst. */
  shown: number;
  /** what each record points to. */
  columns: Columns;
  /** of each record, float32 in base64, by name. */
  numbers: Record<string, string>;
  /** on which scales lies what each method keeps. */
  profiles: MethodProfiles[];
  /** what went wrong. */
  errors: Errors;
}

/** The records, with the pictures of those that matter most. */
export interface IllustratedRecords extends Records {
  pictures: Pictures;
}

/** The current records. */
export interface ResultsMessage {
  type: "results";
  content: IllustratedRecords;
}

/** The pictures of a photograph that was asked for, by its index. */
export interface PicturesMessage {
  type: "pictures";
  photograph: number;
  pictures: Pictures;
}

/** The pictures of a photograph are wanted, by its index. */
export interface PicturesRequest {
  type: "pictures";
  photograph: number;
}

export type ToPage =
  | ResultsMessage
  | PicturesMessage
  | ErrorMessage
  | Library;

export type FromPage =
  | Ready
  | PicturesRequest
  | LibraryRequest;
