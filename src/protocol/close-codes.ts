/** What the client library does after a close: see the last column of the table in PROTOCOL.md section 4. */
export type AfterClose = 'stop' | 'reconnect-after-jitter' | 'back-off' | 'refresh-token';

interface CloseCode {
  readonly code: number;
  readonly name: string;
  readonly after: AfterClose;
}

/** The one table of close codes: the broker closes by it, and a test holds `afterClose` to its last column. */
export const CLOSE_CODES = {
  normal: { code: 1000, name: 'normal', after: 'stop' },
  goingAway: { code: 1001, name: 'going-away', after: 'reconnect-after-jitter' },
  protocolError: { code: 1002, name: 'protocol-error', after: 'stop' },
  unsupportedData: { code: 1003, name: 'unsupported-data', after: 'stop' },
  noStatus: { code: 1005, name: 'no-status', after: 'back-off' },
  abnormal: { code: 1006, name: 'abnormal', after: 'back-off' },
  invalidText: { code: 1007, name: 'invalid-text', after: 'stop' },
  policy: { code: 1008, name: 'policy', after: 'stop' },
  tooBig: { code: 1009, name: 'too-big', after: 'stop' },
  internal: { code: 1011, name: 'internal', after: 'back-off' },
  overloaded: { code: 1013, name: 'overloaded', after: 'back-off' },
  invalidMessage: { code: 4400, name: 'invalid-message', after: 'stop' },
  unauthenticated: { code: 4401, name: 'unauthenticated', after: 'refresh-token' },
  forbidden: { code: 4403, name: 'forbidden', after: 'stop' },
  timeout: { code: 4408, name: 'timeout', after: 'back-off' },
  tooMany: { code: 4429, name: 'too-many', after: 'back-off' },
} as const satisfies Record<string, CloseCode>;

export type CloseName = keyof typeof CLOSE_CODES;

/**
 * What a client does when its connection ended with `code`: an unknown 44xx stops, any other unknown code backs off. It says what the
 * table says, but without its names, which pages need not load.
 */
export function afterClose(code: number): AfterClose {
  if (code === 1001) return 'reconnect-after-jitter';
  if (code === 4401) return 'refresh-token';
  const isOurs = code >= 4400 && code <= 4499 && code !== 4408 && code !== 4429;
  return isOurs || [1000, 1002, 1003, 1007, 1008, 1009].includes(code) ? 'stop' : 'back-off';
}

/** The name of a close code for logs and terminals; an unknown code is named `unknown`. */
export function closeName(code: number): string {
  return Object.values(CLOSE_CODES).find((known) => known.code === code)?.name ?? 'unknown';
}
