import { Option } from 'commander';
import { type Trust, trustOptions } from '../../peer/index.js';
import { isThisMachine } from '../../server/address.js';
import { UsageError } from '../exit/usage-error.js';
import { readCertificates } from '../input/certificates.js';
import { escapeText } from '../terminal/escape-text.js';
import { displayUrl } from './broker-url.js';
import { readClientCertificate } from './client-certificate.js';
import { readSecret } from './secret.js';

/** What the options of `wayOptions` come to, under the names that commander gives them; none of them is checked yet. */
export interface WayOptions {
  /** A token, or `@` and the file that holds it. */
  readonly token?: string | undefined;
  /** An API key, or `@` and the file that holds it. */
  readonly apiKey?: string | undefined;
  /** `Name: value` each. */
  readonly header?: readonly string[] | undefined;
  readonly tlsCa?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/** The way to a broker: who comes, and whom it trusts. It holds secrets and is shown nowhere. */
export interface Way {
  /** For every handshake and request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Set for `wss:`. */
  readonly tls: Trust | undefined;
  /** By what the broker is to know this end. */
  readonly brings: 'token' | 'key' | undefined;
}

/**
 * The options that every command has which connects. Their values are read by `findWay` and nowhere before: commander
 * repeats a value that its parser refuses, and these are secrets.
 * @param role a subscriber takes no API key from the environment, where one stands for publishers: it would count before
 *   the token, and keys may hear nothing unless the broker's configuration says otherwise.
 */
export function wayOptions(role: 'subscriber' | 'publisher'): Option[] {
  const apiKey = new Option('--api-key <key>', 'key of a publisher, @FILE reads it from a file; it counts before a token');
  return [
    new Option('--token <token>', 'who comes; @FILE reads it from a file, which lists of processes do not show').env('WSN_TOKEN'),
    role === 'publisher' ? apiKey.env('WSN_API_KEY') : apiKey,
    new Option('-H, --header <header>', '"Name: value" for every handshake and request; several times').argParser(
      (value, previous: readonly string[] | undefined) => [...(previous ?? []), value],
    ),
    new Option('--tls-ca <file>', 'PEM with the authorities to trust with wss:, instead of those of this system').env('WSN_TLS_CA'),
    new Option('--tls-cert <file>', 'PEM with a certificate of yours, for a broker that wants one'),
    new Option('--tls-key <file>', 'PEM with its private key'),
    new Option('--insecure', "do not check the broker's certificate (for a test alone)"),
  ];
}

/**
 * Reads the options and the files that they name, and warns on stderr of what is not safe: `--insecure`, and secrets that
 * leave this machine in the clear.
 *
 * A command with its own WebSocket gives it to `brokerSocket`; one that makes requests passes `requestOptions(way)` to
 * `node:http` or `node:https`; `src/peer` takes `headers` and `tls` as they are (`openPeer({ …, ...way })`). With peers of
 * two kinds, call it once with the `token` and once with the `apiKey`.
 * @param url of the broker; TLS options with `ws:` are passed over, since the environment may set them for other calls.
 * @throws UsageError for a file that cannot be read and for a value that no header can have; it never repeats a secret.
 */
export async function findWay(url: string, options: WayOptions): Promise<Way> {
  const headers = new Map<string, [name: string, value: string]>();
  const set = (name: string, value: string) => headers.set(name.toLowerCase(), [name, value]);
  for (const [name, value] of (options.header ?? []).map(readHeader)) set(name, value);
  const key = await readSecret('the API key', options.apiKey);
  const token = key === undefined ? await readSecret('the token', options.token) : undefined;
  if (token !== undefined && headers.has('authorization')) throw new UsageError('--token and --header Authorization exclude each other');
  if (key !== undefined) set('X-Api-Key', key);
  if (token !== undefined) set('Authorization', `Bearer ${token}`);
  const isSecure = new URL(url).protocol === 'wss:';
  warn(url, { isInsecure: isSecure && options.insecure === true, isClear: !isSecure && (key ?? token) !== undefined });
  return {
    headers: Object.fromEntries(headers.values()),
    tls: isSecure ? await readTls(options) : undefined,
    brings: key !== undefined || headers.has('x-api-key') ? 'key' : headers.has('authorization') ? 'token' : undefined,
  };
}

/** The way as `ws`, `node:http` and `node:https` take it. */
export function requestOptions({ headers, tls }: Way) {
  return { headers, ...(tls ? trustOptions(tls) : {}) };
}

async function readTls(options: WayOptions): Promise<Trust> {
  const ca = await readCertificates(options.tlsCa === '' ? undefined : options.tlsCa);
  const own = await readClientCertificate(options.tlsCert, options.tlsKey);
  return { ...(ca === undefined ? {} : { ca }), ...own, ...(options.insecure ? { insecure: true } : {}) };
}

/** The value is not repeated: it may be a secret. */
function readHeader(text: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new UsageError('--header: found something else than a header, expected one such as "X-Tenant: blue"');
}

function warn(url: string, { isInsecure, isClear }: { readonly isInsecure: boolean; readonly isClear: boolean }): void {
  const broker = escapeText(displayUrl(url));
  if (isInsecure) {
    say(`--insecure: whoever answers as ${broker} is believed, and may read and change everything, your credentials too`);
  }
  if (isClear && !isThisMachine(new URL(url).hostname)) say(`your credentials go to ${broker} in the clear: use wss:`);
}

function say(warning: string): void {
  process.stderr.write(`wsn: WARNING: ${warning}\n`);
}
