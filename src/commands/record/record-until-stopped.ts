import { shownUrl } from '../../peer/index.js';
import { ServerError } from '../../scenario/net/server-error.js';
import { type Recorder, scenarioOf, startRecorder } from '../../scenario/record/index.js';
import { findWay } from '../broker/way.js';
import { EXIT } from '../exit/exit-codes.js';
import { interruptible } from '../exit/interruption.js';
import { CommandFailure } from '../exit/usage-error.js';
import type { RecordOptions } from '../record.js';
import { escapeJson } from '../terminal/escape-json.js';
import { escapeText } from '../terminal/escape-text.js';
import { assertWritable, idFor, schemaFor, writeOut } from './out-file.js';
import { Counts, openRecordDisplay } from './record-display.js';

/**
 * Runs `wsn record` until a signal, or as long as `--for` says, then writes the file.
 * @returns `EXIT.ok` when it is written, `EXIT.failed` when nothing was seen.
 * @throws CommandFailure with 2 for a path that cannot be written, with 3 when the server cannot be reached or the port is taken.
 */
export async function recordUntilStopped(given: RecordOptions): Promise<number> {
  assertWritable(given.out);
  const { tls } = await findWay(given.url, given);
  using interruption = interruptible();
  const counts = new Counts();
  const display = await openRecordDisplay(counts, given.color);
  try {
    await using recording = await startRecorder({
      url: given.url,
      port: given.port,
      tls,
      onEvent: (event) => display.add(event),
      onFailure: (error) => display.tell(`a client got no answer from the server: ${escapeText(error.message)}`),
    });
    const { port } = recording;
    const until = given.for === undefined ? `Ctrl-C writes ${given.out}` : 'ends by itself, or by Ctrl-C before';
    display.tell(
      `recording ${shownUrl(given.url)}: connect to ws://127.0.0.1:${port}, publish to http://127.0.0.1:${port}/notify too; ${until}`,
    );
    await stopped(interruption.signal, given.for);
    display.end();
    return await write(recording, given, counts);
  } catch (error) {
    if (error instanceof ServerError) throw new CommandFailure(error.message, error.kind === 'usage' ? EXIT.usage : EXIT.unreachable);
    throw error;
  } finally {
    display.end();
  }
}

/** Resolves at the first signal, or when the time is up. */
function stopped(signal: AbortSignal, forMs: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = forMs === undefined ? undefined : setTimeout(resolve, forMs);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

async function write({ events }: Recorder, { url, out, timing }: RecordOptions, counts: Counts): Promise<number> {
  const title = `What was recorded from ${shownUrl(url)} on ${new Date().toISOString().slice(0, 10)}`;
  const text = scenarioOf(events, { id: idFor(out), title, schema: schemaFor(out), timing: timing === true });
  if (text === undefined) {
    process.stderr.write(
      `nothing was seen${out === '-' ? '' : `, and ${out} is not written`}: did the clients connect to the address above?\n`,
    );
    return EXIT.failed;
  }
  await writeOut(out, escapeJson(text));
  const next = out === '-' ? '' : `; play it again with: wsn test ${out} --url ${shownUrl(url)}`;
  process.stderr.write(`${out === '-' ? 'written' : `wrote ${out}`}: ${counts}${next}\n`);
  return EXIT.ok;
}
