import { duration, either, exactly, type Infer, integer, listOf, oneOf, optional, record } from '../../document/index.js';
import type { LineClient } from '../client/line-client.js';
import { mismatch } from '../client/pattern.js';
import { StepFailure } from '../run/step-failure.js';
import { client, pattern } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

const code = integer('Close code; 1005 is a close frame without one, 1006 an end without a close frame', { least: 1000, most: 4999 });

const shape = record('Waits for the end of a connection', {
  client,
  code: optional(either('The code, or a list of codes that are right', { scalar: code, list: listOf('Codes that are right', code) })),
  reason: optional(pattern('The reason')),
  how: optional(oneOf('What ended it first', ['close-frame', 'fin', 'reset'])),
  ended: optional(exactly(true)),
  within: optional(duration('Longest wait, instead of that of the run')),
});

export const expectClose: StepDefinition<Infer<typeof shape>> = {
  word: 'expect-close',
  about: 'Waits for the end of a connection, and checks how it ended',
  shape,
  clients: (args) => [args.client],
  async run(given, scene) {
    const args = scene.resolve(given);
    const line = scene.line(args.client);
    const timeoutMs = scene.waitMs(args.within);
    const close = await line.until(() => (args.ended ? line.end : closeOf(line)), timeoutMs);
    if (!close) throw notClosed(line, timeoutMs);
    line.isEndClaimed = true;
    const codes = args.code === undefined ? undefined : [args.code].flat();
    const found = `${close.code}${close.reason === '' ? '' : ` "${close.reason}"`}`;
    if (codes && !codes.includes(close.code)) {
      throw new StepFailure(`${line.name} was closed with ${found}, expected ${codes.join(' or ')}`, { pointer: '/code' });
    }
    const difference = args.reason === undefined ? undefined : mismatch(args.reason, close.reason);
    if (difference)
      throw new StepFailure(`${line.name}: the reason is ${difference.found}, expected ${difference.expected}`, { pointer: '/reason' });
    if (args.how !== undefined && args.how !== close.how) {
      throw new StepFailure(`${line.name} was ended by ${close.how}, expected ${args.how}`, { pointer: '/how' });
    }
  },
};

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
