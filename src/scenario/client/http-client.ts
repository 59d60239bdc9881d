import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { trustOptions } from '../../peer/index.js';
import type { Json } from '../../protocol/index.js';
import { StepFailure } from '../run/step-failure.js';
import { type Endpoint, hostOf } from './endpoint.js';
import type { WireRecorder } from './wire-recorder.js';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** `null` leaves one out. */
  readonly headers: Readonly<Record<string, string | null>>;
  readonly body: string | Uint8Array | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON, or the text where it is none. */
  readonly body: Json;
  /** Whether the connection of the request before was used again. */
  readonly reused: boolean;
}

/** An HTTP/1.1 client with one connection, which is kept. */
export class HttpClient {
  readonly #name: string;
  readonly #endpoint: Endpoint;
  readonly #recorder: WireRecorder;
  readonly #headers: Readonly<Record<string, string | null>>;
  readonly #agent: HttpAgent;

  constructor(name: string, endpoint: Endpoint, recorder: WireRecorder, headers: Readonly<Record<string, string | null>>) {
    this.#name = name;
    this.#endpoint = endpoint;
    this.#recorder = recorder;
    this.#headers = headers;
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = endpoint.tls ? new HttpsAgent({ ...options, ...trustOptions(endpoint.tls) }) : new HttpAgent(options);
  }

  /**
   * Sends a request and reads its answer.
   * @throws StepFailure when there is none in time, or the connection breaks.
   */
  request({ method, path, headers, body }: HttpRequest, timeoutMs: number): Promise<HttpAnswer> {
    const { host, port, tls } = this.#endpoint;
    const all = withoutNull({
      ...lengthOf(body, headers),
      Host: hostOf(this.#endpoint),
      ...this.#endpoint.headers,
      ...this.#headers,
      ...headers,
    });
    this.#recorder.record(this.#name, { direction: 'sent', what: `${method} ${path}`, payload: body ?? '' });
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new StepFailure(`${this.#name}: ${method} ${path} was not answered: ${why}`));
      const send = tls ? httpsRequest : httpRequest;
      const options = { host, port, method, path, headers: all, agent: this.#agent, setHost: false };
      const sent = attempt(() => send(options), `${this.#name}: ${method} ${path} cannot be sent by an HTTP client, send it as bytes`);
      sent.once('response', (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', (error) => fail(error.message));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          this.#recorder.record(this.#name, { direction: 'received', what: `HTTP ${answer.statusCode}`, payload: text });
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: parsed(text), reused: sent.reusedSocket });
        });
      });
      // Without a listener an answer of 101 would end the connection without a word.
      sent.once('upgrade', (answer, socket) => {
        fail(`HTTP ${answer.statusCode} came, which is none to a request without an upgrade`);
        socket.destroy();
      });
      const timer = setTimeout(() => {
        fail(`not to its end within ${timeoutMs} ms`);
        sent.destroy();
      }, timeoutMs);
      sent.once('close', () => clearTimeout(timer));
      sent.on('error', (error) => fail(error.message));
      sent.end(body);
    });
  }

  destroy(): void {
    this.#agent.destroy();
  }
}

/** @throws StepFailure for what node refuses to send, such as a path with a space. */
function attempt<T>(send: () => T, what: string): T {
  try {
    return send();
  } catch (error) {
    throw new StepFailure(`${what}: ${(error as Error).message}`);
  }
}

/** Node leaves the length out for methods that seldom have a body, and the body would be taken for the next request. */
function lengthOf(body: HttpRequest['body'], headers: HttpRequest['headers']): Readonly<Record<string, string>> {
  const isChunked = Object.keys(headers).some((name) => name.toLowerCase() === 'transfer-encoding');
  return body === undefined || isChunked ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
}

function withoutNull(headers: Readonly<Record<string, string | null>>): Record<string, string> {
  const byName = new Map<string, [string, string | null]>();
  for (const [name, value] of Object.entries(headers)) byName.set(name.toLowerCase(), [name, value]);
  return Object.fromEntries([...byName.values()].filter((entry): entry is [string, string] => entry[1] !== null));
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
