/**
 * How often a header stands in a request: Node keeps the first of some, and joins others.
 * @param rawHeaders names and values in turn, as they came.
 */
export function timesGiven(name: string, rawHeaders: readonly string[]): number {
  const lowerCased = name.toLowerCase();
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if ((rawHeaders[at] as string).toLowerCase() === lowerCased) count++;
  return count;
}
