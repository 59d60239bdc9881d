import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What only says how the connection should go on, and does not once it stays as it is. */
const HOP_BY_HOP: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/**
 * Whether a request asks for another protocol than WebSocket, as Java's HTTP client asks for `h2c`: a server that does
 * not speak that answers as if it had not been asked (RFC 9110 section 7.8). What has anything of a handshake is one.
 */
export function isForeignUpgrade({ headers }: IncomingMessage): boolean {
  if (Object.keys(headers).some((name) => name.startsWith('sec-websocket-'))) return false;
  return !/(?:^|,)\s*websocket\s*(?:\/|,|$)/i.test(headers.upgrade ?? '');
}

/** A request that has been taken off its server, which does not read from its socket any more. */
interface TakenOff {
  readonly request: IncomingMessage;
  readonly raw: Duplex;
  readonly head: Buffer;
}

/**
 * Puts such a request back onto its socket without the wish, for a server to read it again.
 * @param before the answer that leaves on this socket before its own, if one has still to.
 * @param read has the server take the socket.
 */
export function readAgain({ request, raw, head }: TakenOff, before: ServerResponse | undefined, read: () => void): void {
  // The server listens no more, and not yet again.
  raw.on('error', ignore);
  const again = (): void => {
    // One that has broken may still have to tell why.
    if (raw.destroyed || raw.writableEnded) return;
    raw.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
    read();
    raw.off('error', ignore);
  };
  if (!before) {
    again();
    return;
  }
  // Whoever resumes the socket meanwhile must not have it flow away.
  raw.on('readable', ignore);
  before.once('close', () => {
    raw.off('readable', ignore);
    again();
  });
}

function ignore(): void {}

function headWithoutUpgrade(request: IncomingMessage): Buffer {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  const { rawHeaders } = request;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = [rawHeaders[at] as string, rawHeaders[at + 1] as string];
    const kept = name.toLowerCase() === 'connection' ? optionsOf(value).join(', ') : value;
    if (!HOP_BY_HOP.has(name.toLowerCase()) && (kept !== '' || value === '')) lines.push(`${name}: ${kept}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function optionsOf(connection: string): readonly string[] {
  const options = connection.split(',').map((option) => option.trim());
  return options.filter((option) => option !== '' && !HOP_BY_HOP.has(option.toLowerCase()));
}
