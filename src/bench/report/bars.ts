const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of at most `width` characters, exact to an eighth of one. @param share 0 to 1; more than 0 is never invisible. */
export function bar(share: number, width: number): string {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(Math.min(1, share) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** A line of `width` characters of which the first part is done. @param share 0 to 1. */
export function progressBar(share: number, width: number): { readonly done: string; readonly left: string } {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return { done: '━'.repeat(full), left: '─'.repeat(width - full) };
}
