// What the page code gets from elsewhere.

/** A widget's model, as anywidget gives it. */
export interface Model {
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: object, callbacks?: undefined, buffers?: ArrayBuffer[]): void;
  on(event: string, listener: (...values: any[]) => void): void;
  off(event: string, listener?: (...values: any[]) => void): void;
}

/** Says an English text in the reader's language, with values in the places of their names. */
export type Translator = (english: string, values?: Record<string, unknown>) => string;
