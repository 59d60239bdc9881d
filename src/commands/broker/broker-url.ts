import { InvalidArgumentError, Option } from 'commander';

/** The option with which `subscribe` and its like are told where the broker is. */
export function urlOption(): Option {
  return new Option('-u, --url <url>', 'where the broker is').env('WSN_URL').default('ws://127.0.0.1:8000').argParser(parseBrokerUrl);
}

/**
 * Reads the address of a broker; `http:` and `https:` mean `ws:` and `wss:`.
 * @returns the URL with `ws:` or `wss:`.
 * @throws InvalidArgumentError for anything else.
 */
export function parseBrokerUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value.replace(/^http(s?):/i, 'ws$1:')) : undefined;
  if (url && (url.protocol === 'ws:' || url.protocol === 'wss:') && url.hash === '') return url.href.replace(/\/$/, '');
  throw new InvalidArgumentError('Expected a URL such as ws://127.0.0.1:8000 or wss://example.org/path.');
}

/** The URL as it may be shown and logged: without a name and a password, and without what a token in its query is. */
export function displayUrl(url: string): string {
  return withoutQueryToken(url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1'));
}

/** Any text with `***` for each token in the query of a URL in it. */
export function withoutQueryToken(text: string): string {
  return text.replace(/([?&]token=)[^&#\s'"]*/gi, '$1***');
}
