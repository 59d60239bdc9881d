import type { IncomingMessage } from 'node:http';
import { isObject, type Json } from '../../protocol/index.js';

/** What an answer over HTTP says of why it is none. */
export interface Refusal {
  /** In the broker's words (RFC 9457); a peer's text. */
  readonly detail?: string;
  /** After which a broker that is asked too often takes more (RFC 9110 section 10.2.3). */
  readonly retryAfterMs?: number;
}

/** A sentence and a frame around it; the body of an answer that is no broker's may be as long as it likes. */
const MOST_BYTES = 16 * 1024;
/** Longer than any broker takes for a sentence, short enough that a refusal is told before a handshake is given up. */
const BODY_TIMEOUT_MS = 2000;
/** Who is told to come back next week need not be waited for. */
const MOST_WAIT_MS = 3_600_000;

/** Reads what is told with a status that is none of success; never throws. */
export async function readRefusal(response: IncomingMessage): Promise<Refusal> {
  const text = await readText(response);
  const detail = detailOf(text);
  const retryAfterMs = readRetryAfter(response.headers['retry-after']);
  return { ...(detail === undefined ? {} : { detail }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** The member `detail` of a problem; `undefined` when the text is no problem. */
function detailOf(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) && typeof value.detail === 'string' ? value.detail : undefined;
  } catch {
    return undefined;
  }
}

/** Only in seconds, as brokers tell it. */
function readRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,9}$/.test(header)) return undefined;
  return Math.min(Number(header) * 1000, MOST_WAIT_MS);
}

async function readText(response: IncomingMessage): Promise<string> {
  const timer = setTimeout(() => response.destroy(), BODY_TIMEOUT_MS);
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk;
      if (text.length > MOST_BYTES) break;
    }
  } catch {
    // What came until then is what there is.
  } finally {
    clearTimeout(timer);
  }
  return text;
}
