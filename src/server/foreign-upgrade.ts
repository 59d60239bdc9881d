import type { IncomingMessage } from 'node:http';

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

/** The head of such a request as it would be without the wish. */
export function headWithoutUpgrade(request: IncomingMessage): Buffer {
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
