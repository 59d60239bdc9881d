import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { reset } from '../../peer/index.js';
import { type Conditions, Lane, type Side } from './lane.js';

/**
 * What happens to a client's line.
 * - `delayMs`: everything is under way for so long in both directions, also what waits already; 0 mends.
 * - `bytesPerSecond`: in each direction; the proxy reads no more than it passes on, so the sender feels it; 0 mends.
 * - `halfOpen`: nothing passes any more, neither bytes nor a FIN nor a RST; both sides still believe in their connection.
 * - `reset`: a RST to both.
 * - `cutAfterBytes`: after exactly so many more bytes from that side, a RST to both; with 0 at once.
 */
export type Fault =
  | { readonly delayMs: number }
  | { readonly bytesPerSecond: number }
  | { readonly halfOpen: true }
  | { readonly reset: true }
  | { readonly cutAfterBytes: number; readonly from: Side };

/** A line on which faults can be caused; disposal ends every connection. */
export interface FaultProxy extends AsyncDisposable {
  /** On 127.0.0.1, for the client. */
  readonly port: number;
  /**
   * Causes a fault. A delay and a throttle hold for later connections too; `cutAfterBytes` waits for the bytes, whichever
   * connection brings them; the others hit the connections that there are.
   */
  apply(fault: Fault): void;
}

/** The two ends of a connection and what leads from one to the other. */
interface Connection {
  readonly sockets: readonly [client: Socket, server: Socket];
  readonly lanes: readonly [Lane, Lane];
}

/**
 * Starts a TCP proxy for one client, which may come back. FIN and RST of one side are passed on as such, behind the
 * bytes before them. A connection that the target does not accept is reset.
 */
export async function startFaultProxy(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  const connections = new Set<Connection>();
  const conditions: Conditions = { delayMs: 0, bytesPerSecond: 0, cut: undefined };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const sockets = [client, connect({ ...target, allowHalfOpen: true, noDelay: true })] as const;
    const connection = { sockets, lanes: join(sockets, conditions) };
    connections.add(connection);
    for (const socket of sockets) {
      socket.on('error', () => {}); // its close follows, and tells
      socket.once('close', () => {
        if (sockets.every(({ destroyed }) => destroyed)) connections.delete(connection);
      });
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    apply: (fault) => cause(fault, conditions, connections),
    async [Symbol.asyncDispose]() {
      resetAll(connections);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join([client, server]: Connection['sockets'], conditions: Conditions): Connection['lanes'] {
  return [new Lane('client', [client, server], conditions), new Lane('server', [server, client], conditions)];
}

function cause(fault: Fault, conditions: Conditions, connections: ReadonlySet<Connection>): void {
  const lanes = [...connections].flatMap((connection) => connection.lanes);
  if ('reset' in fault) resetAll(connections);
  else if ('halfOpen' in fault) for (const lane of lanes) lane.silence();
  else if ('cutAfterBytes' in fault) cutAfter(fault, conditions, connections);
  else {
    if ('delayMs' in fault) conditions.delayMs = fault.delayMs;
    else conditions.bytesPerSecond = fault.bytesPerSecond;
    for (const lane of lanes) lane.pump();
  }
}

function cutAfter(
  { cutAfterBytes, from }: Extract<Fault, { from: Side }>,
  conditions: Conditions,
  connections: ReadonlySet<Connection>,
): void {
  const then = () => {
    conditions.cut = undefined;
    resetAll(connections);
  };
  if (cutAfterBytes === 0) then();
  else conditions.cut = { from, left: cutAfterBytes, then };
}

function resetAll(connections: ReadonlySet<Connection>): void {
  for (const { sockets } of connections) {
    for (const socket of sockets) reset(socket);
  }
}
