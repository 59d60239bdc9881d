import type { ChalkInstance } from 'chalk';
import type { GrantList } from '../../protocol/index.js';
import { readSecret } from '../broker/secret.js';
import { EXIT } from '../exit/exit-codes.js';
import { UsageError } from '../exit/usage-error.js';
import { readInput } from '../input/json-input.js';
import { coloursFor } from '../terminal/colours.js';
import { escapeText } from '../terminal/escape-text.js';
import { expiryText } from './expiry-text.js';
import { grantText } from './grant-text.js';
import { readToken, type TokenContent } from './read-token.js';
import type { TokenKeyOptions } from './token-key-options.js';
import { type Verdict, verifyToken } from './verify-token.js';

/** What the options of `wsn token inspect` come to. */
export interface InspectOptions extends TokenKeyOptions {
  readonly json?: boolean;
  readonly color: boolean;
}

/**
 * Prints what a token says, and what a broker with the keys of the options would make of it.
 * @param given the token, `@` and a file, `-` for stdin; `undefined`: `WSN_TOKEN`, or stdin where it is piped.
 * @returns `EXIT.failed` when the broker would refuse it, also because it has expired.
 * @throws UsageError when there is none, when it is none, or when a key cannot be read.
 */
export async function inspectToken(given: string | undefined, options: InspectOptions): Promise<number> {
  const token = await findToken(given);
  const content = readToken(token, 'the token');
  const verdict = await verifyToken(token, options, process.env.WSN_AUTH_SECRET);
  if (options.json) {
    const { header, claims, subject, expiresAt, access } = content;
    process.stdout.write(`${escapeText(JSON.stringify({ header, claims, subject, expiresAt, ...access, signature: verdict }))}\n`);
  } else {
    const pen = await coloursFor(process.stdout, options.color);
    process.stdout.write(`${lines(content, verdict, pen).join('\n')}\n`);
  }
  return verdict.kind === 'refused' ? EXIT.failed : EXIT.ok;
}

async function findToken(given: string | undefined): Promise<string> {
  const isPiped = given === '-' || (given === undefined && !process.env.WSN_TOKEN && !process.stdin.isTTY);
  const token = await readSecret('the token', isPiped ? (await readInput('-')).text.trim() : (given ?? process.env.WSN_TOKEN));
  if (token !== undefined) return token;
  throw new UsageError('there is no token: give it, @FILE, or - for stdin, or set WSN_TOKEN');
}

function lines({ header, claims, subject, expiresAt, access }: TokenContent, verdict: Verdict, pen: ChalkInstance): string[] {
  return [
    ...row('header', [JSON.stringify(header)], pen),
    ...row('claims', [JSON.stringify(claims)], pen),
    ...row('subject', [subject ?? 'nobody in particular'], pen),
    ...row('hears', grantsText(access.subscribe), pen),
    ...row('publishes', grantsText(access.publish), pen),
    ...row('expires', [expiryText(expiresAt, Date.now())], pen),
    verdictLine(verdict, pen),
  ];
}

/** A title and what it is about, one line each. */
function row(title: string, texts: readonly string[], pen: ChalkInstance): string[] {
  return texts.map((text, index) => `${pen.cyan((index === 0 ? title : '').padEnd(11))}${escapeText(text)}`);
}

function grantsText(grants: GrantList): readonly string[] {
  if (grants === 'all') return ['everything'];
  return grants.length === 0 ? ['nothing'] : grants.map(grantText);
}

function verdictLine(verdict: Verdict, pen: ChalkInstance): string {
  const title = pen.cyan('verified'.padEnd(11));
  if (verdict.kind === 'taken') return `${title}${pen.green('yes')}, a broker with this key takes it`;
  if (verdict.kind === 'refused') return `${title}${pen.red('no')}, a broker with this key refuses it: ${escapeText(verdict.because)}`;
  return `${title}${pen.yellow('not checked')}: anybody may have written this (--secret-file, --public-key or --jwks checks it)`;
}
