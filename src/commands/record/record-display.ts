import type { RecordedEvent } from '../../scenario/record/index.js';
import { coloursFor } from '../terminal/colours.js';

/** Shows on stderr how much has been seen. */
export interface RecordDisplay {
  add(event: RecordedEvent): void;
  /** A line that stays. */
  tell(line: string): void;
  /** Takes the counts away. Idempotent. */
  end(): void;
}

/** What was seen so far. */
export class Counts {
  #connections = 0;
  #messages = 0;
  #requests = 0;

  add({ kind }: RecordedEvent): void {
    if (kind === 'opened') this.#connections++;
    if (kind === 'said' || kind === 'heard') this.#messages++;
    if (kind === 'request') this.#requests++;
  }

  toString(): string {
    return [counted(this.#connections, 'connection'), counted(this.#messages, 'message'), counted(this.#requests, 'HTTP request')].join(
      ' · ',
    );
  }
}

/** Counts that are drawn again in place on a terminal; elsewhere nothing but the lines. */
export async function openRecordDisplay(counts: Counts, color: boolean): Promise<RecordDisplay> {
  if (!process.stderr.isTTY) return { add: (event) => counts.add(event), tell: (line) => write(line), end() {} };
  const [{ createLogUpdate }, pen] = await Promise.all([import('log-update'), coloursFor(process.stderr, color)]);
  const region = createLogUpdate(process.stderr);
  let scheduled: NodeJS.Immediate | undefined;
  let isOver = false;
  const draw = () => {
    scheduled = undefined;
    if (!isOver) region(`${pen.red('●')} ${counts} ${pen.dim('· Ctrl-C ends')}`);
  };
  draw();
  return {
    add(event) {
      counts.add(event);
      scheduled ??= setImmediate(draw);
    },
    tell(line) {
      if (!isOver) region.clear();
      write(line);
      scheduled ??= setImmediate(draw);
    },
    end() {
      if (isOver) return;
      isOver = true;
      if (scheduled) clearImmediate(scheduled);
      region.clear();
      region.done(); // shows the cursor again
    },
  };
}

function write(line: string): void {
  process.stderr.write(`${line}\n`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
