import { isAscii } from 'node:buffer';

/** The text of valid UTF-8. Most messages are ASCII, of which a text is made in less time and memory. */
export function messageText(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
}
