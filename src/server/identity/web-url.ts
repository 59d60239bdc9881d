import { OptionError } from '../option-error.js';

/**
 * The URL of an option.
 * @throws OptionError unless it is an `http:` or `https:` URL without a user and password, which `fetch` would not take.
 */
export function webUrlOf(option: 'authJwks' | 'authorizeUrl', text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new OptionError(option, `is ${JSON.stringify(text)}: expected a URL with http: or https:`);
  }
  if (url.username !== '' || url.password !== '') throw new OptionError(option, 'has a user or a password in its URL: expected none');
  return url;
}

/** As much of a URL as a log may show: its query may hold a secret. */
export function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
