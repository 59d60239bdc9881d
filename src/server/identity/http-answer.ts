/**
 * Reads the body of an answer as JSON.
 * @param most Bytes, counted after decompression; of a larger body no more is read.
 * @throws Error saying what is wrong with it, without repeating any of it, or that of the broken connection.
 */
export async function readJson(response: Response, most: number): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // To leave the loop cancels the rest.
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > most) throw new Error(`the answer has more than ${most} bytes`);
    chunks.push(chunk);
  }
  const text = decode(Buffer.concat(chunks, length));
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON');
  }
}

/** Strictly: what it would be mended to could be another name than the one that was meant. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('the answer is not UTF-8');
  }
}

/** Gives up the body of an answer of which only the status was wanted. */
export function discardBody(response: Response): void {
  response.body?.cancel().catch(() => {});
}

/** What went wrong with a question over HTTP, for the log: `fetch` itself says only that it failed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : undefined;
  return code ?? cause?.message ?? error.message;
}
