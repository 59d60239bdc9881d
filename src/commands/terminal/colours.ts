import type { ChalkInstance } from 'chalk';

/**
 * Pens for text that goes to `stream`: colours on a terminal, none otherwise. `--no-color` wins over `NO_COLOR`
 * (any value but an empty one, as no-color.org has it), which wins over `FORCE_COLOR`. Chalk is loaded here and not
 * at start.
 */
export async function coloursFor(stream: { readonly isTTY?: boolean }, isWanted: boolean): Promise<ChalkInstance> {
  const { Chalk, supportsColor } = await import('chalk');
  return new Chalk({ level: wantsColour(stream, isWanted) ? (supportsColor ? supportsColor.level : 1) : 0 });
}

/** Whether text for `stream` is coloured at all. */
export function wantsColour(stream: { readonly isTTY?: boolean }, isWanted: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (!isWanted || (NO_COLOR !== undefined && NO_COLOR !== '')) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && TERM !== 'dumb';
}
