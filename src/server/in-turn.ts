import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Has an upgrade wait until what was asked before it on its socket has been answered (RFC 9112 section 9.3.2).
 * @param before the last of these answers, or undefined when none is outstanding: then it is its turn at once.
 * @param act is called unless the connection has ended by then.
 */
export function inTurn(raw: Duplex, before: ServerResponse | undefined, act: () => void): void {
  if (!before) {
    act();
    return;
  }
  // The server listens no more, and whoever will does not yet.
  raw.on('error', ignore);
  // Whoever resumes the socket meanwhile must not have it flow away.
  raw.on('readable', ignore);
  before.once('close', () => {
    raw.off('readable', ignore);
    // One that has broken may still have to tell why.
    if (raw.destroyed || raw.writableEnded) return;
    act();
    raw.off('error', ignore);
  });
}

function ignore(): void {}
