import { type OutgoingHttpHeaders, STATUS_CODES } from 'node:http';
import type { ErrorCode, ProtocolError } from '../protocol/index.js';
import type { Excess } from './limits/limiter.js';
import { RateExceeded } from './limits/rate-exceeded.js';

/** A refusal over HTTP, sent as `application/problem+json` (RFC 9457, R-6.3). */
export interface Problem {
  readonly status: number;
  readonly detail: string;
  /** The code that a `wsn.v1` error would have. */
  readonly code?: ErrorCode;
  /** JSON pointer of the member at fault. */
  readonly pointer?: string;
  /** For the header `Retry-After`; no part of the body. */
  readonly retryAfterS?: number;
}

/** The body in which a problem is told. */
export function problemBody({ retryAfterS: _, ...members }: Problem): object {
  return { type: 'about:blank', title: STATUS_CODES[members.status], ...members };
}

const STATUS_FOR: Partial<Record<ErrorCode, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  unsupported: 422,
  'key-reused': 422,
  unavailable: 503,
  internal: 500,
};

/** After a 503. */
const RETRY_S = 5;

/** The answer to a request that was refused. */
export function problemOf(error: ProtocolError): Problem {
  const { code, described: detail, path } = error;
  const pointer = path === '' ? {} : { pointer: path };
  if (error instanceof RateExceeded) return { status: 429, code, detail, retryAfterS: error.retryAfterS };
  return { status: STATUS_FOR[code] ?? 400, code, detail, ...pointer };
}

/** The answer to a handshake or a request for which there is no room, or no time. */
export function problemOfExcess({ status, because, retryAfterS }: Excess): Problem {
  return { status, code: status === 503 ? 'unavailable' : 'too-many', detail: because, retryAfterS };
}

/** The headers that a problem of its status has (RFC 9110). */
export function headersOf({ status, retryAfterS }: Problem): OutgoingHttpHeaders {
  if (status === 401) return { 'WWW-Authenticate': 'Bearer' };
  return status === 503 || status === 429 ? { 'Retry-After': String(retryAfterS ?? RETRY_S) } : {};
}
