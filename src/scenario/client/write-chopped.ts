import type { Socket } from 'node:net';

/**
 * Writes bytes, `chop` of them at a time where that is given: each write is a segment of its own.
 * @param socket nothing is written where there is none, or after its end.
 */
export async function writeChopped(socket: Socket | undefined, bytes: Uint8Array, chop = bytes.length): Promise<void> {
  for (let at = 0; at < bytes.length; at += chop) {
    if (!socket?.writable) return;
    socket.write(bytes.subarray(at, at + chop));
    if (at + chop < bytes.length) await nextTurn();
  }
}

/** After the event loop has gone round, what was written before is a segment of its own. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
