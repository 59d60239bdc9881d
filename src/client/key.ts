/** The part of the platform's `crypto` that browsers and Node have, and React Native has not. */
interface RandomSource {
  getRandomValues(bytes: Uint8Array<ArrayBuffer>): Uint8Array;
}

/**
 * A key that nobody else has made, for a publication that may be sent twice: 32 hexadecimal digits.
 * It has to be different, not secret: where the platform has no `crypto`, `Math.random` will do.
 */
export function newKey(source = (globalThis as { readonly crypto?: RandomSource }).crypto): string {
  const bytes = new Uint8Array(16);
  if (source) source.getRandomValues(bytes);
  else for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(Math.random() * 256);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
