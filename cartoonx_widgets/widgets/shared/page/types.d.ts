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

/** What anywidget gives to `render`: where to show which model, until when, and how to show other widgets. */
export interface Host {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
  host?: {
    getWidget?(ref: string): Promise<{ render(view: { el: HTMLElement; signal: AbortSignal }): Promise<void> }>;
  };
}

/** Sends a message to the kernel. */
export type Send<Message = { type: string }> = (message: Message, buffers?: ArrayBuffer[]) => void;

/** Says an English text in the reader's language, with values in the places of their names. */
export type Translator = (english: string, values?: object) => string;
