/** What a key asks for while `wsn subscribe` runs. */
export type KeyAction = 'pause' | 'change' | 'statistics' | 'quit' | 'interrupt' | 'help';

const KEYS: Readonly<Record<string, KeyAction>> = {
  p: 'pause',
  c: 'change',
  s: 'statistics',
  q: 'quit',
  '?': 'help',
  h: 'help',
  '\u0003': 'interrupt', // Ctrl-C: in raw mode the terminal makes no signal of it
  '\u0004': 'quit', // Ctrl-D
};

export const KEY_HELP = 'p pause or go on · c change the subscription · s statistics · q quit · ? this help';

/** Reads single keys from the terminal while it is listening. */
export class Keys {
  readonly #onKey: (action: KeyAction) => void;
  readonly #read = (chunk: Buffer) => this.#take(chunk.toString('utf8'));

  constructor(onKey: (action: KeyAction) => void) {
    this.#onKey = onKey;
  }

  /** Puts the terminal into raw mode, in which keys come at once and are not echoed. */
  listen(): void {
    process.stdin.setRawMode(true);
    process.stdin.on('data', this.#read).resume();
  }

  /** Gives the terminal back. Idempotent. */
  stop(): void {
    process.stdin.off('data', this.#read).pause();
    process.stdin.setRawMode(false);
  }

  #take(text: string): void {
    // Arrows and the like come as a sequence that starts with an escape character, and holds letters.
    if (text.startsWith('\u001b')) return;
    for (const key of text) {
      const action = KEYS[key.toLowerCase()];
      if (action !== undefined) this.#onKey(action);
    }
  }
}
