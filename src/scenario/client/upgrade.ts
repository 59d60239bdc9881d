import { acceptFor, readAnswer, type UpgradeAnswer, upgradeRequest } from '../../peer/index.js';
import { SUBPROTOCOL } from '../../protocol/index.js';
import { StepFailure } from '../run/step-failure.js';
import type { Endpoint } from './endpoint.js';

/** What the upgrade request says, beyond what the client's own description says. */
export interface Handshake {
  readonly path?: string | undefined;
  /** `null` leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  readonly subprotocols?: readonly string[] | undefined;
  readonly method?: string | undefined;
  readonly version?: string | undefined;
  /** The whole head instead of all others. */
  readonly request?: string | undefined;
  /** A text message that is sent in the same segment. */
  readonly glue?: string | undefined;
  /** Whether a FIN follows at once. */
  readonly end?: boolean | undefined;
}

/** The head of the request, and the Sec-WebSocket-Accept that has to answer it: `undefined` where the request has no key. */
export function requestOf(endpoint: Endpoint, handshake: Handshake): { readonly text: string; readonly accept: string | undefined } {
  if (handshake.request !== undefined) {
    const text = `${handshake.request.trimEnd().replace(/\r?\n/g, '\r\n')}\r\n\r\n`;
    const key = /^sec-websocket-key:[ \t]*(\S+)/im.exec(text)?.[1];
    return { text, accept: key === undefined ? undefined : acceptFor(key) };
  }
  const { path, headers, subprotocols, method, version } = handshake;
  const all = Object.fromEntries(Object.entries({ ...endpoint.headers, ...headers }).map(([name, value]) => [name, value ?? undefined]));
  return upgradeRequest({
    host: endpoint.hostName,
    port: endpoint.hostPort,
    path: path ?? endpoint.path,
    headers: all,
    subprotocols: subprotocols ?? [],
    ...(method === undefined ? {} : { method }),
    ...(version === undefined ? {} : { version }),
  });
}

/**
 * @param name of the client.
 * @throws StepFailure when a 101 is not what RFC 6455 section 4.1 and ask for.
 */
export function checkUpgrade(name: string, { headers }: UpgradeAnswer, { text, accept }: ReturnType<typeof requestOf>): void {
  const offered = offeredIn(text);
  const problems = [
    headers.upgrade?.toLowerCase() === 'websocket' ? '' : `Upgrade is ${headers.upgrade ?? 'absent'}, expected websocket`,
    /\bupgrade\b/i.test(headers.connection ?? '') ? '' : `Connection is ${headers.connection ?? 'absent'}, expected Upgrade`,
    accept === undefined || headers['sec-websocket-accept'] === accept
      ? ''
      : `Sec-WebSocket-Accept is ${headers['sec-websocket-accept'] ?? 'absent'}, expected ${accept}`,
    headers['sec-websocket-extensions'] === undefined
      ? ''
      : `Sec-WebSocket-Extensions is ${headers['sec-websocket-extensions']}, expected none`,
    isRightSubprotocol(headers['sec-websocket-protocol'], offered)
      ? ''
      : `Sec-WebSocket-Protocol is ${headers['sec-websocket-protocol'] ?? 'absent'}, expected ${offered.includes(SUBPROTOCOL) ? SUBPROTOCOL : 'none'}`,
  ].filter((problem) => problem !== '');
  if (problems.length === 0) return;
  const rule = problems.every((problem) => problem.startsWith('Sec-WebSocket-Protocol')) ? 'R-5.1' : 'R-4.6';
  throw new StepFailure(`${name}: the answer to the handshake is wrong: ${problems[0]}`, { actual: problems.join('\n'), rule });
}

/** Subprotocols that a request offers, in one header or several. */
function offeredIn(request: string): readonly string[] {
  const headers = [...request.matchAll(/^sec-websocket-protocol:(.*)$/gim)];
  return headers.flatMap(([, value = '']) => value.split(',').map((name) => name.trim()));
}

function isRightSubprotocol(selected: string | undefined, offered: readonly string[]): boolean {
  return selected === (offered.includes(SUBPROTOCOL) ? SUBPROTOCOL : undefined);
}

/** The answer as far as it is there at the end of a connection; what is none has been told when it came. */
export function readSafely(bytes: Buffer, method: string | undefined): UpgradeAnswer | undefined {
  try {
    return readAnswer(bytes, method);
  } catch {
    return undefined;
  }
}

/** What is read of an answer for the wire log: its head. */
export function headOf(bytes: Buffer): string {
  const end = bytes.indexOf('\r\n\r\n');
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
}
