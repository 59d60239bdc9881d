import { request } from 'node:http';
import { BenchError } from '../../bench-error.js';
import { reasonOf } from '../../target.js';
import { type HttpAnswer, refusalOf } from './http-answer.js';

/**
 * Publishes one notification over a connection of its own.
 * @returns why the broker did not take it, or nothing when it did.
 * @throws BenchError when it is not reached; the signal's reason when aborted.
 */
export async function probeHttp(url: string, body: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return refusalOf(await post(url, body, signal));
  } catch (error) {
    signal.throwIfAborted();
    throw new BenchError('unreachable', `cannot reach ${url}: ${reasonOf(error)}`);
  }
}

function post(url: string, body: string, signal: AbortSignal): Promise<HttpAnswer> {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent: false, headers, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}
