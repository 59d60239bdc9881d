import { duration, either, exactly, type Infer, integer, listOf, oneOf, optional, record } from '../../document/index.js';
import type { LineClient } from '../client/line-client.js';
import { mismatch } from '../client/pattern.js';
import { StepFailure } from '../run/step-failure.js';
import { asList, client, clients, pattern } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

const code = integer('Close code; 1005 is a close frame without one, 1006 an end without a close frame', { least: 1000, most: 4999 });

const members = {
  client: optional(client),
  clients: optional(clients),
  code: optional(either('The code, or a list of codes that are right', { scalar: code, list: listOf('Codes that are right', code) })),
  reason: optional(pattern('The reason')),
  how: optional(oneOf('What ended it first', ['close-frame', 'fin', 'reset'])),
  ended: optional(exactly(true)),
  spread: optional(duration('Least time between the first of the clients whose end comes and the last')),
  within: optional(duration('Longest wait, instead of that of the run')),
};

const shape = record('Waits for the end of a connection, or of several', members, {
  exactlyOne: [['client', 'clients']],
  onlyWith: { spread: ['clients'] },
});

type Args = Infer<typeof shape>;

export const expectClose: StepDefinition<Args> = {
  word: 'expect-close',
  about: 'Waits for the end of a connection, and checks how it ended',
  shape,
  clients: namesOf,
  async run(given, scene) {
    const args = scene.resolve(given);
    const timeoutMs = scene.waitMs(args.within);
    const lines = namesOf(args).map((name) => scene.line(name));
    await Promise.all(lines.map((line) => expectEnd(line, args, timeoutMs)));
    if (args.spread !== undefined) assertSpread(lines, args.spread);
  },
};

function namesOf({ client: one, clients: several }: Args): readonly string[] {
  return asList(several ?? one ?? []);
}

async function expectEnd(line: LineClient, { code: codes, reason, how, ended }: Args, timeoutMs: number): Promise<void> {
  const close = await line.until(() => (ended ? line.end : closeOf(line)), timeoutMs);
  if (!close) throw notClosed(line, timeoutMs);
  line.isEndClaimed = true;
  const found = `${close.code}${close.reason === '' ? '' : ` "${close.reason}"`}`;
  if (codes !== undefined && !asList(codes).includes(close.code)) {
    throw new StepFailure(`${line.name} was closed with ${found}, expected ${asList(codes).join(' or ')}`, { pointer: '/code' });
  }
  const difference = reason === undefined ? undefined : mismatch(reason, close.reason);
  if (difference)
    throw new StepFailure(`${line.name}: the reason is ${difference.found}, expected ${difference.expected}`, { pointer: '/reason' });
  if (how !== undefined && how !== close.how) {
    throw new StepFailure(`${line.name} was ended by ${close.how}, expected ${how}`, { pointer: '/how' });
  }
}

function assertSpread(lines: readonly LineClient[], leastMs: number): void {
  const ends = lines.flatMap(({ end }) => (end ? [end.at] : []));
  const foundMs = Math.round(Math.max(...ends) - Math.min(...ends));
  if (foundMs >= leastMs) return;
  const found = `${lines.length} connections ended within ${foundMs} ms`;
  throw new StepFailure(`${found}, expected at least ${leastMs} ms between the first and the last`, { pointer: '/spread' });
}

/** A raw client answers no close frame, so the frame is the end for it. */
function closeOf(line: LineClient): { readonly code: number; readonly reason: string; readonly how: string } | undefined {
  if (line.end) return line.end;
  return line.isRaw && line.closeFrame ? { ...line.closeFrame, how: 'close-frame' } : undefined;
}

function notClosed(line: LineClient, timeoutMs: number): StepFailure {
  if (!line.closeFrame)
    return new StepFailure(`${line.name} was not closed within ${timeoutMs} ms`, {
      actual: line.inbox.arrivals.map(({ text }) => text).join('\n'),
    });
  return new StepFailure(
    `${line.name} got ${line.isRaw ? '' : 'and answered '}a close frame with ${line.closeFrame.code}, and ${timeoutMs} ms later the server had not ended the TCP connection (RFC 6455 section 7.1.1)`,
    { rule: 'R-4.1' },
  );
}
