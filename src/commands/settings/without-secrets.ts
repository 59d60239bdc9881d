/** A member that may hold a secret, in block or flow style, up to the end of its value or line. */
const MEMBER = /((?:^|[\s{,])["']?(?:secret|sha256)["']?[ \t]*:[ \t]*)([^\s,}][^,}\r\n]*)/gm;

/** A name and a password in a URL. */
const CREDENTIALS = /(:\/\/)([^/\s@"']+)(?=@)/g;

/**
 * The text of a file with settings as it may be shown beside a complaint: stars for what is secret, or was put by mistake
 * where a digest belongs. Columns stay what they are.
 */
export function withoutSecrets(text: string): string {
  const stars = (_: string, before: string, secret: string) => `${before}${'*'.repeat(secret.length)}`;
  return text.replace(MEMBER, stars).replace(CREDENTIALS, stars);
}
