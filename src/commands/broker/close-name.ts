import { closeName } from '../../protocol/index.js';

/** A client's sentence about a close, with the name of its code: `closed with 1001 going-away: the reason`. */
export function withCloseName(sentence: string): string {
  return sentence.replace(/^closed with (\d+)/, (start, code) => `${start} ${closeName(Number(code))}`);
}
