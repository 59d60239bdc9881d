import { setTimeout as delay } from 'node:timers/promises';
import type { Trust } from '../../peer/index.js';
import type { Endpoint } from '../client/endpoint.js';
import { isListening } from '../net/ports.js';
import { ServerError } from '../net/server-error.js';
import { type ServerProcess, startServer } from '../net/server-process.js';

const GRACE_MS = 100;
const END_TIMEOUT_MS = 5000;

/** A server that ends so often is not started again: the cases that are left fail at once. */
const MOST_ENDS = 20;

/** What every connection to the server has in common. */
interface Connecting {
  readonly headers: Readonly<Record<string, string>>;
  /** Whom connections to `wss:` trust; whom Node does by default. */
  readonly tls?: Trust | undefined;
}

/** The same, and what ends the start of a server. */
interface Starting extends Connecting {
  readonly signal?: AbortSignal | undefined;
}

/**
 * @param url `ws:` or `wss:`, with or without a path; a name and a password in it are sent (RFC 7617) where no header says
 * who it is.
 */
export function endpointOf(url: string, { headers, tls: trust }: Connecting): Endpoint {
  const { protocol, hostname, port, pathname, search, username, password } = new URL(url);
  const isSecure = protocol === 'wss:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const number = port === '' ? (isSecure ? 443 : 80) : Number(port);
  const tls = isSecure ? { tls: { servername: host, ...trust } } : {};
  return {
    host,
    port: number,
    hostName: host,
    hostPort: number,
    path: `${pathname}${search}`,
    headers: { ...basic(username, password), ...headers },
    ...tls,
  };
}

function basic(username: string, password: string): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** The server that all cases share which need none of their own; one that dies is started again for the next case. */
export class SharedServer implements AsyncDisposable {
  readonly #command: string | readonly string[];
  readonly #connecting: Starting;
  #starting: Promise<ServerProcess> | undefined;
  readonly #ends: string[] = [];

  constructor(command: string | readonly string[], connecting: Starting) {
    this.#command = command;
    this.#connecting = connecting;
  }

  /** How many servers have ended that had not been told to. */
  get endCount(): number {
    return this.#ends.length;
  }

  /**
   * How the server ended that was the next to end after so many, in a sentence. The end of a process is told later than
   * the end of its connections: it is given a moment, and where nobody listens any more it is waited for.
   * @returns `undefined` when it runs.
   */
  async endAfter(count: number): Promise<string | undefined> {
    const server = await this.#starting?.catch(() => undefined);
    const wait = (ms: number) => Promise.race([server?.ended, delay(ms, undefined, { ref: false })]);
    if (this.#ends.length === count) await wait(GRACE_MS);
    if (server && this.#ends.length === count && !(await isListening(server.port))) await wait(END_TIMEOUT_MS);
    return this.#ends[count];
  }

  /**
   * Where the server is.
   * @throws Error when the command starts none.
   */
  async endpoint(): Promise<Endpoint> {
    if (this.#ends.length >= MOST_ENDS) throw new ServerError('unreachable', `it has ended by itself ${MOST_ENDS} times, that is enough`);
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined; // the next case may try again
      throw error;
    });
    return endpointOf((await this.#starting).url, this.#connecting);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = await this.#starting?.catch(() => undefined);
    await server?.[Symbol.asyncDispose]();
  }

  async #start(): Promise<ServerProcess> {
    const server = await startServer({ command: this.#command, signal: this.#connecting.signal });
    void server.ended.then(({ code, signal }) => {
      const said = server.lastLines.at(-1) ?? '';
      this.#ends.push(`the server has ended by itself with ${signal ?? `exit code ${code}`}${said === '' ? '' : `: ${said}`}`);
      this.#starting = undefined;
    });
    return server;
  }
}
