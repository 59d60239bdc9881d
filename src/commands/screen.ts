/** Where `wsn subscribe` writes: data to stdout, all else to stderr, and a status line below both on a terminal. */
export interface Screen {
  /** One line of data. */
  data(line: string): void;
  /** A line, or several, of status. */
  notice(text: string): void;
  /** Replaces the status line; it has no line breaks. */
  status(line: string): void;
  /** Takes the status line away and gives the cursor back, for a question. What is written meanwhile waits. */
  suspend(): void;
  resume(): void;
  /** Writes what waits and leaves the terminal as it was found. Idempotent. */
  close(): void;
}

/** Without a terminal: no status line. */
export function plainScreen(): Screen {
  return {
    data: (line) => void process.stdout.write(`${line}\n`),
    notice: (text) => void process.stderr.write(`${text}\n`),
    status() {},
    suspend() {},
    resume() {},
    close() {},
  };
}

/** On a terminal: lines scroll by above a status line that stays. */
export async function liveScreen(): Promise<Screen> {
  const { createLogUpdate } = await import('log-update');
  return new LiveScreen(createLogUpdate(process.stderr));
}

interface Footer {
  (text: string): void;
  clear(): void;
  done(): void;
}

interface Waiting {
  readonly stream: NodeJS.WriteStream;
  readonly text: string;
}

/** Lines of one turn of the event loop are written together, so that a burst redraws the status line once. */
class LiveScreen implements Screen {
  readonly #footer: Footer;
  #status = '';
  #waiting: Waiting[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #mode: 'shown' | 'suspended' | 'closed' = 'shown';

  constructor(footer: Footer) {
    this.#footer = footer;
  }

  data(line: string): void {
    this.#waiting.push({ stream: process.stdout, text: line });
    this.#schedule();
  }

  notice(text: string): void {
    this.#waiting.push({ stream: process.stderr, text });
    this.#schedule();
  }

  status(line: string): void {
    this.#status = line;
    this.#schedule();
  }

  suspend(): void {
    if (this.#mode !== 'shown') return;
    this.#flush();
    this.#mode = 'suspended';
    this.#footer.clear();
    this.#footer.done();
  }

  resume(): void {
    if (this.#mode !== 'suspended') return;
    this.#mode = 'shown';
    this.#flush();
  }

  close(): void {
    if (this.#mode === 'closed') return;
    this.#mode = 'shown';
    this.#status = '';
    this.#flush();
    this.#mode = 'closed';
    this.#footer.done();
  }

  #schedule(): void {
    if (this.#mode === 'shown') this.#scheduled ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#scheduled) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#mode !== 'shown') return;
    if (this.#waiting.length > 0 || this.#status === '') this.#footer.clear();
    for (const { stream, text } of this.#waiting) stream.write(`${text}\n`);
    this.#waiting = [];
    if (this.#status !== '') this.#footer(this.#status);
  }
}
