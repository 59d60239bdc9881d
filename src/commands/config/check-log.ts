import type { Log } from '../../server/index.js';
import { escapeText } from '../terminal/escape-text.js';

/** What a broker with these settings would warn of at its start, as lines on stderr with the facts behind the sentence. */
export const CHECK_LOG: Log = { debug() {}, info() {}, warn: tell, error: tell };

function tell(fields: object, message: string): void {
  const facts = Object.entries(fields).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  process.stderr.write(`wsn: WARNING: ${escapeText(`${message} (${facts.join(' ')})`)}\n`);
}
