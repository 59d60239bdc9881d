import { HeldLines } from './held-lines.js';

/** Where `wsn subscribe` writes: data to stdout, all else to stderr, and a status line below both on a terminal. */
export interface Screen {
  /** One line of data. */
  data(line: string): void;
  /** A line, or several, of status. */
  notice(text: string): void;
  /** Replaces the status line; it has no line breaks. */
  status(line: string): void;
  /** Takes the status line away and gives the cursor back, for a question. What is written meanwhile waits, the latest of it. */
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

interface Line {
  readonly stream: NodeJS.WriteStream;
  readonly text: string;
}

/** Lines of one turn of the event loop are written together, so that a burst redraws the status line once. */
class LiveScreen implements Screen {
  readonly #footer: Footer;
  #status = '';
  /** For this turn of the event loop. */
  #waiting: Line[] = [];
  /** While suspended, which may be long. */
  readonly #held = new HeldLines<Line>();
  #scheduled: NodeJS.Immediate | undefined;
  #mode: 'shown' | 'suspended' | 'closed' = 'shown';

  constructor(footer: Footer) {
    this.#footer = footer;
  }

  data(line: string): void {
    this.#add({ stream: process.stdout, text: line });
  }

  notice(text: string): void {
    this.#add({ stream: process.stderr, text });
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
    this.#show();
    this.#flush();
  }

  close(): void {
    if (this.#mode === 'closed') return;
    this.#show();
    this.#status = '';
    this.#flush();
    this.#mode = 'closed';
    this.#footer.done();
  }

  #add(line: Line): void {
    if (this.#mode === 'suspended') this.#held.add(line);
    else this.#waiting.push(line);
    this.#schedule();
  }

  #show(): void {
    const { lines, dropped } = this.#held.takeAll();
    if (dropped > 0) this.#waiting.push({ stream: process.stderr, text: `${dropped} older lines were dropped during the question` });
    for (const line of lines) this.#waiting.push(line);
    this.#mode = 'shown';
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
