import { readFileSync } from 'node:fs';
import type { RequestListener, ServerOptions } from 'node:http';
import { createServer } from 'node:https';

const file = (name: string) => readFileSync(new URL(`../peer/certificate/${name}`, import.meta.url));

/** The certificate of the broker below, which signs itself. */
export const ca = file('broker.test.crt.pem');

/** `node:http` whose servers speak TLS, to be put in its place: the whole broker as it is, but behind Node's HTTPS server. */
export async function securedHttp(original: () => Promise<unknown>): Promise<object> {
  const secured = (options: ServerOptions, listener: RequestListener) =>
    createServer({ ...options, cert: ca, key: file('broker.test.key.pem') }, listener);
  return { ...((await original()) as object), createServer: secured };
}
