import { setTimeout as sleep } from 'node:timers/promises';
import { BACKOFF, backoffDelay } from '../../client/backoff.js';
import { KEY_IS_SURE_MS } from '../../client/publish-until-receipt.js';
import type { Receipt } from '../../protocol/index.js';
import type { answerFailure } from '../broker/connection-failure.js';
import { tryingAgain } from '../broker/trying-again.js';
import { CommandFailure } from '../exit/usage-error.js';
import { RETRY_BACKOFF } from './publisher.js';

/** What came of one try. */
export type Answer =
  | { readonly receipt: Receipt }
  | {
      readonly failure: ReturnType<typeof answerFailure>;
      /** How long the broker wants to be left alone. */
      readonly retryAfterMs: number;
      /** Whether the notification may be in the log all the same. */
      readonly mayHaveArrived: boolean;
    };

/**
 * Tries again until there is a receipt.
 * @param tryOnce sends the same notification with the same key each time.
 * @throws CommandFailure for what does not get better, and when the key of a try that may have arrived is perhaps
 *   forgotten by now, so that another could publish it twice; the reason of the signal.
 */
export async function untilReceipt(
  tryOnce: () => Promise<Answer>,
  signal: AbortSignal,
  onWait: (sentence: string) => void,
): Promise<Receipt> {
  let doubtfulSince: number | undefined;
  for (let failures = 1; ; failures++) {
    const triedAt = Date.now();
    const answer = await tryOnce();
    if ('receipt' in answer) return answer.receipt;
    const { failure, retryAfterMs, mayHaveArrived } = answer;
    if (failure.isFinal) throw failure;
    if (mayHaveArrived) doubtfulSince ??= triedAt;
    const delayMs = retryAfterMs + backoffDelay(failures, { ...BACKOFF, ...RETRY_BACKOFF }, Math.random());
    if (doubtfulSince !== undefined && Date.now() + delayMs - doubtfulSince > KEY_IS_SURE_MS) throw tooLate(failure);
    onWait(tryingAgain(failure.message, delayMs));
    try {
      await sleep(delayMs, undefined, { signal });
    } catch {
      throw signal.reason;
    }
  }
}

function tooLate({ message, exitCode }: CommandFailure): CommandFailure {
  return new CommandFailure(
    `${message}; the notification may have been published, and keys are not kept for longer: sent again, it might be there twice`,
    exitCode,
  );
}
