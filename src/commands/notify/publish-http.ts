import { Agent, type ClientRequest, type IncomingMessage, request, STATUS_CODES } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { isObject, type Json, type Receipt } from '../../protocol/index.js';
import { type Addressee, answerFailure, connectionFailure } from '../broker/connection-failure.js';
import { readRefusal } from '../broker/refusal.js';
import { requestOptions } from '../broker/way.js';
import type { Outgoing } from './outgoing.js';
import type { Endeavour, Publisher } from './publisher.js';
import { type Answer, untilReceipt } from './until-receipt.js';

/** With `retry`: how long an answer may take until the same is sent again, in ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Errors with which a connection was never there: nothing has arrived. */
const NEVER_THERE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * `POST /notify` for each notification, over one connection that is kept.
 * The path of the broker's URL is for WebSockets and not used here.
 */
export function httpPublisher({ url, way }: Addressee, { signal, onWait }: Endeavour): Publisher {
  const endpoint = endpointOf(url);
  const addressee = { url: endpoint.href, way };
  const { headers: given, ...trust } = requestOptions(way);
  const isTls = endpoint.protocol === 'https:';
  const agent = isTls ? new TlsAgent({ ...trust, keepAlive: true, maxSockets: 1 }) : new Agent({ keepAlive: true, maxSockets: 1 });
  let hasSent = false;
  const send = (body: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { ...given, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
      const sent = (isTls ? tlsRequest : request)(endpoint, { method: 'POST', agent, headers, signal }, resolve);
      onConnection(sent, () => {
        hasSent = true;
      });
      if (onWait) sent.setTimeout(ANSWER_TIMEOUT_MS, () => sent.destroy(silence()));
      sent.on('error', reject).end(body);
    });
  const post = async (outgoing: Outgoing): Promise<Answer> => {
    try {
      return await answerOf(addressee, await send(bodyOf(outgoing)));
    } catch (error) {
      signal.throwIfAborted();
      if (!isSystemError(error)) throw error;
      const failure = connectionFailure(addressee, { because: sentenceOf(error), errorCode: error.code });
      return { failure, retryAfterMs: 0, mayHaveArrived: !NEVER_THERE.has(error.code) };
    }
  };
  return {
    window: 1,
    hasSent: () => hasSent,
    async publish(outgoing) {
      if (onWait) return untilReceipt(() => post(outgoing), signal, onWait);
      const answer = await post(outgoing);
      if ('receipt' in answer) return answer.receipt;
      throw answer.failure;
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
}

/** Where a broker takes notifications by HTTP. @param url of its WebSockets. */
export function endpointOf(url: string): URL {
  return new URL('/notify', url.replace(/^ws/, 'http'));
}

/** Calls back when something of the request may be on its way. */
function onConnection(sent: ClientRequest, callback: () => void): void {
  sent.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', callback);
    else callback();
  });
}

/** Bare, or as a publisher's message when there is a key, which a header could not carry in every script. */
function bodyOf({ json, key }: Outgoing): string {
  return key === undefined ? json : `{"sender":"server","key":${JSON.stringify(key)},"notification":${json}}`;
}

/** A receipt, or what every other answer means. */
async function answerOf(addressee: Addressee, response: IncomingMessage): Promise<Answer> {
  const status = response.statusCode ?? 0;
  if (status === 200) {
    const answer = parse(await textOf(response));
    if (isReceipt(answer?.receipt)) return { receipt: answer.receipt };
    return { failure: answerFailure(addressee, status, 'without a receipt'), retryAfterMs: 0, mayHaveArrived: true };
  }
  const { detail = STATUS_CODES[status] ?? 'without a reason', retryAfterMs = 0 } = await readRefusal(response);
  // 503 is the broker's own word; other statuses above come from what stands before it, which may have passed it on.
  const mayHaveArrived = status >= 500 && status !== 503;
  return { failure: answerFailure(addressee, status, detail), retryAfterMs, mayHaveArrived };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

function parse(text: string): { readonly receipt?: Json } | undefined {
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

function silence(): Error {
  return Object.assign(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`), { code: 'ETIMEDOUT' });
}

function isSystemError(error: unknown): error is Error & { readonly code: string; readonly errors?: readonly Error[] } {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

/** A name with several addresses, all of which refuse, gives an error without a message but with a list. */
function sentenceOf(error: Error & { readonly errors?: readonly Error[] }): string {
  return error.message || (error.errors?.[0]?.message ?? error.name);
}
