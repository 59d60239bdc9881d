import { isObject, type Json, ProtocolError } from '../../protocol/index.js';
import { type Facts, readAccess, readEnd, readSubject } from './facts.js';
import { discardBody, readJson } from './http-answer.js';

/** What the back-end said of a token: who it is, or that it is not let in. */
export type Verdict = { readonly kind: 'known'; readonly facts: Facts } | { readonly kind: 'refused'; readonly error: ProtocolError };

/** Far more than the grants that one peer may have. */
const MOST_BYTES = 64 * 1024;
/** What an answer may have. One more may be an end or a refusal in other words, such as those of a JWT: nobody comes in by it. */
const MEMBERS = ['subject', 'expiresAt', 'wsn'];
/** Of a name that nobody knows, for the log. */
const MOST_SHOWN = 40;

/**
 * Reads the back-end's answer: 200 with facts, 401 or 403.
 * @throws Error for everything else, saying what was found: a log may show it, a peer may not.
 */
export async function readVerdict(response: Response): Promise<Verdict> {
  if (response.status === 200) return { kind: 'known', facts: readFacts((await readJson(response, MOST_BYTES)) as Json) };
  discardBody(response);
  if (response.status === 401) return refused('unauthenticated', 'the back-end does not know the token');
  if (response.status === 403) return refused('forbidden', 'the back-end does not let this peer in');
  throw new Error(`expected the status 200, 401 or 403, found ${response.status}`);
}

function refused(code: 'unauthenticated' | 'forbidden', message: string): Verdict {
  return { kind: 'refused', error: new ProtocolError(code, message) };
}

function readFacts(answer: Json): Facts {
  if (!isObject(answer)) throw new Error('expected an object in the answer');
  const unknown = Object.keys(answer).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) {
    throw new Error(`the answer has ${JSON.stringify(unknown.slice(0, MOST_SHOWN))}: expected subject, expiresAt and wsn alone`);
  }
  try {
    return {
      // null, as in the question, is what PHP writes for nothing.
      subject: readSubject(answer.subject ?? undefined, '/subject'),
      expiresAt: readEnd(answer.expiresAt ?? undefined, '/expiresAt'),
      access: readAccess(answer.wsn),
    };
  } catch (error) {
    throw error instanceof ProtocolError ? new Error(error.described) : error;
  }
}
