import type { Socket } from 'node:net';

/**
 * Ends a connection with a RST. One whose FIN is under way is destroyed instead: libuv refuses to reset it, Node then
 * never closes its handle, and the process cannot end.
 */
export function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
