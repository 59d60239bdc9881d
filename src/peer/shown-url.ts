/** A URL as it may be shown: without a name and a password, and without a query, which may hold a token. */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1').replace(/\/?(?:\?.*)?$/s, '');
}
