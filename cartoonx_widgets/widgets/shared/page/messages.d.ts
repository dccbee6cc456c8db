// Written by scripts/page_types.py from ../messages.py: change that, and run the script.

/** A page listens: everything is to be sent. */
export interface Ready {
  type: "ready";
}

/** A page needs plotly.js. */
export interface LibraryRequest {
  type: "library";
}

/** A part of a file of the user's, which may arrive before another one. Buffer: the part's bytes. */
export interface Upload {
  type: "upload";
  /** of the file. */
  name: string;
  /** another for each file. */
  key: number;
  /** of the part, from 0 to `count` - 1. */
  index: number;
  count: number;
}

/** Keep the k largest coefficients; `answers` is the request's number. */
export interface Keep {
  type: "keep";
  k: number;
  answers?: number | null;
}

/** Split the picture or the signal so many times. */
export interface ChooseLevels {
  type: "levels";
  levels: number;
}

/** A page asks for the Python code that makes what it shows. */
export interface CodeRequest {
  type: "code";
}

/** The Python code that makes what is shown. */
export interface CodeMessage {
  type: "code";
  code: string;
}

/** plotly.js. Buffer: one expression of JavaScript whose value is the library, compressed by gzip. */
export interface Library {
  type: "library";
  version: string;
}

/** A photograph or a drawing that can be chosen: its name, and what a person calls it. */
export interface Photograph {
  name: string;
  title: string;
}

/** A score of `scores.SCORES`, as a page shows it. */
export interface ShownScore {
  name: string;
  label: string;
  about: string;
  better: "more" | "less" | "";
  form: "number" | "share" | "seconds";
  log: boolean;
}

/** What went wrong: in words, and as a traceback. */
export interface ErrorMessage {
  type: "error";
  message: string;
  details: string;
}
