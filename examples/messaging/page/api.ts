import type { AmaiiaMsgSrvMessages } from './notifications.js';

/** A message as the API answers with it, and as a notification's `data` has it. */
export type Message = AmaiiaMsgSrvMessages;

export interface Channel {
  readonly channelId: string;
  readonly name: string;
}

/** What somebody wants to send. Sent twice under one `clientId`, it is stored once. */
export interface Draft {
  readonly channelId: string;
  readonly author: string;
  readonly text: string;
  readonly clientId: string;
}

/** Where the broker is, as a `ws:` URL. */
export async function getBrokerUrl(): Promise<string> {
  return (await ask<{ brokerUrl: string }>('/api/settings')).brokerUrl;
}

export async function getChannels(): Promise<readonly Channel[]> {
  return (await ask<{ channels: readonly Channel[] }>('/api/channels')).channels;
}

/** The messages of a channel behind the one with the number `after`, all of them; without it the last hundred. Oldest first. */
export async function getMessages(channelId: string, after: string | undefined): Promise<readonly Message[]> {
  const query = after === undefined ? '' : `?after=${after}`;
  const { messages, isMore } = await ask<{ messages: readonly Message[]; isMore: boolean }>(`/api/channels/${channelId}/messages${query}`);
  return isMore ? [...messages, ...(await getMessages(channelId, messages.at(-1)?.messageId))] : messages;
}

export async function sendMessage(draft: Draft): Promise<Message> {
  const headers = { 'Content-Type': 'application/json' };
  return (await ask<{ message: Message }>('/api/messages', { method: 'POST', headers, body: JSON.stringify(draft) })).message;
}

async function ask<Answer>(path: string, request: RequestInit = {}): Promise<Answer> {
  // Somebody looks at this: what hangs is as bad as what fails.
  const response = await fetch(path, { ...request, signal: AbortSignal.timeout(10_000) }).catch(() => {
    throw new Error('The server cannot be reached.');
  });
  const answer: unknown = await response.json().catch(() => ({}));
  if (response.ok) return answer as Answer;
  throw new Error(detailOf(answer) ?? `The server answered with ${response.status}.`);
}

function detailOf(problem: unknown): string | undefined {
  const { detail, pointer } = problem as { detail?: unknown; pointer?: unknown };
  if (typeof detail !== 'string') return undefined;
  return typeof pointer === 'string' ? `${pointer.slice(1)}: ${detail}` : detail;
}
