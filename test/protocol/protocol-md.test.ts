import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  accepts,
  closeCodeOf,
  type Dialect,
  decodeBrokerMessage,
  decodePeerMessage,
  decodePublications,
  type ErrorCode,
  type Filters,
  LIMITS,
  matches,
  ProtocolError,
  readGrants,
} from '../../src/protocol/index.js';
import { received, refusal } from './arbitraries.js';

const TEXT = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');

interface Example {
  /** What stands behind `json` at the fence: who sends it, in which dialect, and how it is refused. */
  readonly info: string;
  readonly line: number;
  readonly body: string;
}

/** Every fenced block of the page, which are all examples of messages. */
function examples(): readonly Example[] {
  const found: Example[] = [];
  const lines = TEXT.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const fence = /^ *```(.*)$/.exec(lines[at] ?? '');
    if (!fence) continue;
    const end = lines.findIndex((line, index) => index > at && /^ *```$/.test(line));
    found.push({ info: (fence[1] ?? '').replace(/^json /, ''), line: at + 1, body: lines.slice(at + 1, end).join('\n') });
    at = end;
  }
  return found;
}

function section(from: string, to: string): string {
  return TEXT.slice(TEXT.indexOf(from), TEXT.indexOf(to));
}

/** Reads an example as its fence says; throws where that says nothing known. */
function read(info: string, body: string): unknown {
  if (info === 'broker') return decodeBrokerMessage(body);
  if (info === 'claims') return readGrants(JSON.parse(body).wsn.subscribe, '/wsn/subscribe');
  const [who, dialect] = info.split(' ');
  if (who === 'http' || dialect === 'http') return decodePublications(received(body));
  if ((who === 'peer' || who === 'refused') && (dialect === 'base' || dialect === 'v1')) {
    return decodePeerMessage(received(body), dialect satisfies Dialect);
  }
  throw new Error(`no such kind of example: ${info}`);
}

const EXAMPLES = examples();
const REFUSED = EXAMPLES.filter(({ info }) => info.startsWith('refused'));
const ACCEPTED = EXAMPLES.filter(({ info }) => !info.startsWith('refused'));

describe('PROTOCOL.md', () => {
  test('has examples of every direction, dialect and of refusals', () => {
    const kinds = new Set(EXAMPLES.map(({ info }) => info.split(' ').slice(0, 2).join(' ')));
    expect([...kinds].sort()).toEqual(['broker', 'claims', 'http', 'peer base', 'peer v1', 'refused base', 'refused http', 'refused v1']);
    expect(EXAMPLES.length).toBeGreaterThan(30);
  });

  test.each(ACCEPTED)('has an example of "$info" at line $line that decodes', ({ info, body }) => {
    expect(read(info, body)).toBeDefined();
    // Whoever speaks wsn.v1 may send all that a base peer may.
    if (info === 'peer base') expect(read('peer v1', body)).toBeDefined();
  });

  test.each(REFUSED)('has an example of "$info" at line $line that is refused so', ({ info, body }) => {
    const [, , code, path] = info.split(' ');
    const error = refusal(() => read(info, body));
    expect([error.code, error.path]).toEqual([code, path]);
  });

  test('has examples of matching that match as they say (R-3.2)', () => {
    const rows = [...section('### R-3.2', '### R-3.3').matchAll(/^\| `(.+)` \| `(.+)` \| (yes|no) \|/gm)];
    expect(rows.length).toBeGreaterThan(12);
    const topic = { package: 'p', page: 'q' };
    for (const [, wanted = '', given = '', verdict] of rows) {
      const filters = (text: string) => ({ ...topic, filters: JSON.parse(text) as Filters });
      expect([wanted, given, matches(filters(wanted), filters(given))]).toEqual([wanted, given, verdict === 'yes']);
    }
  });

  test('says of scalars what is so (R-3.3)', () => {
    const equal = [...section('### R-3.3', '## 4.').matchAll(/`([^`]+)` equals\s`([^`]+)`/g)];
    expect(equal.length).toBe(4);
    for (const [, one = '', other = ''] of equal) expect(accepts(JSON.parse(other), JSON.parse(one))).toBe(true);
  });

  test('has the codes of errors, what they close with and whether to retry', () => {
    const rows = [...section('### R-5.9', '### R-5.10').matchAll(/^\| `([a-z-]+)` \| [^|]* \| (\d{4}) \| (yes|no) \|$/gm)];
    expect(rows.length).toBe(12);
    for (const [, code, closeCode, retry] of rows) {
      const error = new ProtocolError(code as ErrorCode, '');
      expect([code, closeCodeOf(error), error.retry]).toEqual([code, Number(closeCode), retry === 'yes']);
    }
  });

  test.each([
    ['R-2.4', `at most ${LIMITS.topicNameBytes} bytes of UTF-8`],
    ['R-2.5', `at most ${LIMITS.messageDepth} levels`],
    ['R-2.5', `at most ${LIMITS.filterDepth} in \`filters\``],
    ['R-2.6', `at most ${LIMITS.subscriptions.toLocaleString('en')} subscriptions`],
    ['R-2.6', `at most ${LIMITS.filterValues.toLocaleString('en')} values`],
    ['R-4.3', `cut at ${LIMITS.closeReasonBytes} bytes`],
    ['R-5.2', `1 to ${LIMITS.idBytes} bytes`],
    ['R-5.4', `1 to ${LIMITS.epochBytes} bytes`],
    ['R-5.4', `at most ${LIMITS.replayNotifications.toLocaleString('en')} notifications of a topic`],
    ['R-5.8', `1 to ${LIMITS.keyBytes} bytes`],
  ])('states the limit of %s that is kept: %s', (rule, words) => {
    const start = TEXT.indexOf(`### ${rule} `);
    expect(TEXT.slice(start, TEXT.indexOf('\n### ', start + 1))).toContain(words);
  });
});
