import { Agent, type IncomingMessage, request, STATUS_CODES } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { isObject, type Json, type Receipt } from '../../protocol/index.js';
import { type Addressee, answerFailure, connectionFailure } from '../broker/connection-failure.js';
import { requestOptions } from '../broker/way.js';
import type { Outgoing } from './outgoing.js';
import type { Publisher } from './publisher.js';

/**
 * `POST /notify` for each notification, over one connection that is kept.
 * The path of the broker's URL is for WebSockets and not used here.
 */
export function httpPublisher({ url, way }: Addressee, signal: AbortSignal): Publisher {
  const endpoint = new URL('/notify', url.replace(/^ws/, 'http'));
  const addressee = { url: endpoint.href, way };
  const { headers: given, ...trust } = requestOptions(way);
  const isTls = endpoint.protocol === 'https:';
  const agent = isTls ? new TlsAgent({ ...trust, keepAlive: true, maxSockets: 1 }) : new Agent({ keepAlive: true, maxSockets: 1 });
  const send = (body: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { ...given, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
      const options = { method: 'POST', agent, headers, signal };
      (isTls ? tlsRequest : request)(endpoint, options, resolve).on('error', reject).end(body);
    });
  return {
    window: 1,
    async publish(outgoing) {
      try {
        const response = await send(bodyOf(outgoing));
        return receiptOf(addressee, response.statusCode ?? 0, await textOf(response));
      } catch (error) {
        signal.throwIfAborted();
        throw isSystemError(error) ? connectionFailure(addressee, { because: sentenceOf(error), errorCode: error.code }) : error;
      }
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
}

/** Bare, or as a publisher's message when there is a key, which a header could not carry in every script. */
function bodyOf({ json, key }: Outgoing): string {
  return key === undefined ? json : `{"sender":"server","key":${JSON.stringify(key)},"notification":${json}}`;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

/** @throws CommandFailure for every answer that is not a receipt. */
function receiptOf(addressee: Addressee, status: number, text: string): Receipt {
  const answer = parse(text);
  if (status === 200 && isReceipt(answer?.receipt)) return answer.receipt;
  if (status === 200) throw answerFailure(addressee, status, 'without a receipt');
  const detail = typeof answer?.detail === 'string' ? answer.detail : (STATUS_CODES[status] ?? 'without a reason');
  throw answerFailure(addressee, status, detail);
}

function parse(text: string): { readonly receipt?: Json; readonly detail?: Json } | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isReceipt(value: Json | undefined): value is Json & Receipt {
  return isObject(value) && typeof value.matched === 'number' && isObject(value.position);
}

function isSystemError(error: unknown): error is Error & { readonly code: string; readonly errors?: readonly Error[] } {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

/** A name with several addresses, all of which refuse, gives an error without a message but with a list. */
function sentenceOf(error: Error & { readonly errors?: readonly Error[] }): string {
  return error.message || (error.errors?.[0]?.message ?? error.name);
}
