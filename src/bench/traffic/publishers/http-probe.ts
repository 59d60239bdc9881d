import { type IncomingMessage, request } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { trustOptions } from '../../../peer/index.js';
import { BenchError } from '../../bench-error.js';
import { reasonOf } from '../../target.js';
import type { Way } from '../../way.js';
import { type HttpAnswer, refusalOf } from './http-answer.js';

/** What is asked, and by which way. */
export interface HttpProbe extends Way {
  readonly url: string;
  readonly body: string;
  readonly signal: AbortSignal;
}

/**
 * Publishes one notification over a connection of its own.
 * @returns why the broker did not take it, or nothing when it did.
 * @throws BenchError when it is not reached; the signal's reason when aborted.
 */
export async function probeHttp(probe: HttpProbe): Promise<string | undefined> {
  try {
    return refusalOf(await post(probe));
  } catch (error) {
    probe.signal.throwIfAborted();
    throw new BenchError('unreachable', `cannot reach ${probe.url}: ${reasonOf(error)}`);
  }
}

function post({ url, body, signal, headers, tls }: HttpProbe): Promise<HttpAnswer> {
  const options = {
    method: 'POST',
    agent: false,
    headers: { ...headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
    signal,
  } as const;
  return new Promise((resolve, reject) => {
    const onResponse = (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', reject);
    };
    const sent = url.startsWith('https:')
      ? requestSecurely(url, { ...options, ...trustOptions(tls ?? {}) }, onResponse)
      : request(url, options, onResponse);
    sent.on('error', reject).end(body);
  });
}
