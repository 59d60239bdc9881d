import { ProtocolError } from '../../protocol/index.js';
import type { Authenticator } from './identity.js';

/** Who asks, and is called back once: with what was found, or with what it failed by. */
interface Asking<Found> {
  /** What it throws, it has failed by. */
  found(answer: Found): void;
  failed(error: unknown): void;
  /** Whether there is still somebody to be told. */
  isWanted(): boolean;
}

/**
 * Asks the authenticator that is in force. What one says that has been replaced meanwhile counts neither for a peer nor
 * against it: the next one is asked instead, as long as there is somebody to be told.
 *
 * `found` and `failed` are called before anything can replace it again: at once where `ask` answers at once.
 */
export function askInForce<Found>(
  current: () => Authenticator,
  ask: (authenticator: Authenticator) => Found | Promise<Found>,
  asking: Asking<Found>,
): void {
  const authenticator = current();
  const settle = (act: () => void): void => {
    if (current() === authenticator) act();
    else if (asking.isWanted()) askInForce(current, ask, asking);
    else asking.failed(new ProtocolError('unavailable', 'whoever asked has gone'));
  };
  try {
    const answer = ask(authenticator);
    if (!(answer instanceof Promise)) asking.found(answer);
    else {
      answer
        .then(
          (found) => settle(() => asking.found(found)),
          (error: unknown) => settle(() => asking.failed(error)),
        )
        .catch((error: unknown) => asking.failed(error));
    }
  } catch (error) {
    asking.failed(error);
  }
}
