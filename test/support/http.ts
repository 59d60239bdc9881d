import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { Broker } from '../../src/server/index.js';

export interface Asked {
  /** POST by default. */
  readonly method?: string;
  /** `/notify` by default. */
  readonly path?: string;
  /** Added to `Content-Type: application/json`; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Uint8Array;
  /** Sends the body without its length. */
  readonly isChunked?: boolean;
  /** Keeps connections alive and chooses among them. */
  readonly agent?: Agent;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON, or undefined when it is empty. */
  readonly json: Record<string, unknown> | undefined;
}

/** Makes one HTTP request to a broker. Rejects when no answer comes. */
export function askHttp(broker: Broker, asked: Asked): Promise<Answered> {
  const { method = 'POST', path = '/notify', body = '', agent } = asked;
  const given = { 'content-type': 'application/json', ...lowerCased(asked.headers ?? {}) };
  const headers = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<string, string>;
  if (!asked.isChunked && method === 'POST') headers['content-length'] ??= String(Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: broker.port, method, path, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const json = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    outgoing.on('error', reject);
    if (asked.isChunked) outgoing.write(body);
    outgoing.end(asked.isChunked ? undefined : body);
  });
}

function lowerCased(headers: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
