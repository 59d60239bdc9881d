import type { Json } from '../../protocol/index.js';
import { LineClient } from '../client/line-client.js';
import { mismatch, show } from '../client/pattern.js';
import type { Published } from './ledger.js';
import type { Scene } from './scene.js';
import { StepFailure } from './step-failure.js';

/** Codes with which a publisher is served: 1000 is the receipt, the others are all that servers without one give (R-2.10). */
const SERVED = [1000, 1005, 1006];

/** Publishers of the harness are shown under this name. */
const HARNESS = 'harness';

/**
 * Publishes as a back-end does: connect, send, wait for the close.
 * @returns the code and the reason with which the server closed.
 * @throws StepFailure when the server does not close in time.
 */
export async function publishEphemeral(scene: Scene, { text }: Published): Promise<{ readonly code: number; readonly reason: string }> {
  const line = new LineClient(HARNESS, false, scene.recorder);
  try {
    await line.connect(scene.endpoint, scene.stepTimeoutMs);
    const answer = await line.handshake(scene.endpoint, { headers: scene.publisherHeaders }, scene.stepTimeoutMs);
    if (answer.status !== 101) throw new StepFailure(`a publisher's handshake was answered with ${answer.status}, expected 101`);
    line.send(`{"sender":"server","notification":${text}}`);
    const close = await line.until(() => line.closeFrame ?? line.end, scene.stepTimeoutMs);
    if (!close) {
      throw new StepFailure(
        `a publisher was not closed within ${scene.stepTimeoutMs} ms: expected code 1000 when its notification has been handed out`,
        {
          rule: 'R-2.10',
        },
      );
    }
    return { code: close.code, reason: close.reason };
  } finally {
    line.destroy();
  }
}

/** @throws StepFailure unless a publisher that was closed so has been served. */
export function assertServed({ code, reason }: { readonly code: number; readonly reason: string }): void {
  if (SERVED.includes(code)) return;
  throw new StepFailure(`a publisher was closed with ${code}${reason === '' ? '' : ` "${reason}"`}, expected 1000`, { pointer: '/answer' });
}

/** @throws StepFailure unless the answer fits the pattern. */
export function assertAnswer(pattern: Json, answer: Json, pointer = '/answer'): void {
  const difference = mismatch(pattern, answer);
  if (!difference) return;
  throw new StepFailure(
    `the answer is not as expected${difference.pointer === '' ? '' : ` at ${difference.pointer}`}: expected ${difference.expected}, found ${difference.found}`,
    {
      expected: show(pattern),
      actual: show(answer),
      pointer,
    },
  );
}
