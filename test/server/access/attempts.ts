import { afterAll, beforeAll, expect } from 'vitest';
import { HandshakeRefused, type Peer, type PeerClose, type PeerOptions } from '../../../src/peer/index.js';
import type { Broker, BrokerOptions } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { askHttp } from '../../support/http.js';
import { recordingLog } from '../../support/log.js';
import { connect, connectV1, EVERYTHING, nextData, notice, publication, said, subscriptionsText } from '../../support/peers.js';
import { ALL, bearing, KEY, ON, publishWithKey, tokenOf } from './support.js';

/**
 * What comes of it, in one word: `hears`, `hears less` or the way in which it is refused: the status of the answer to
 * the handshake or the request, the code of the close, or the code of the error message of `wsn.v1`.
 */
export type Outcome = 'hears' | 'hears less' | 'published' | 'forbidden' | 401 | 403 | 4401 | 4403 | '-';

/** What the six kinds of peer, and a v1 publisher with the token in band, get for the same credentials. */
export interface Outcomes {
  readonly 'base subscriber': Outcome;
  readonly 'v1 subscriber': Outcome;
  readonly 'v1 subscriber, token in band': Outcome;
  readonly 'base publisher': Outcome;
  readonly 'v1 publisher': Outcome;
  readonly 'v1 publisher, token in band': Outcome;
  readonly 'HTTP publisher': Outcome;
}

/** The kinds of peer that try. */
export const KINDS = [
  'base subscriber',
  'v1 subscriber',
  'v1 subscriber, token in band',
  'base publisher',
  'v1 publisher',
  'v1 publisher, token in band',
  'HTTP publisher',
] as const satisfies readonly (keyof Outcomes)[];

/** In the order of `KINDS`. */
export function outcomes(...each: readonly [Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome]): Outcomes {
  return Object.fromEntries(KINDS.map((kind, index) => [kind, each[index]])) as unknown as Outcomes;
}

/** What a peer brings to its handshake or request, or in band. */
interface Brought {
  readonly options: Partial<PeerOptions>;
  readonly token?: string | undefined;
}

/** Tries what one kind of peer does; `data` names the notification that it publishes. */
type Attempt = (broker: Broker, brought: Brought, data: string) => Promise<Outcome>;

const ATTEMPTS: Readonly<Record<keyof Outcomes, Attempt>> = {
  'base subscriber': async (broker, { options }) => {
    await using peer = await connect(broker, options);
    peer.send(subscriptionsText(EVERYTHING));
    return await heardOf(broker, peer, peer.barrier());
  },
  'v1 subscriber': async (broker, { options }) => {
    await using peer = await connectV1(broker, withV1(options));
    return await subscribeV1(broker, peer);
  },
  'v1 subscriber, token in band': async (broker, { token }) => {
    await using peer = await connectV1(broker);
    peer.send(JSON.stringify({ sender: 'client', id: 'token', token }));
    return await subscribeV1(broker, peer);
  },
  'base publisher': async (broker, { options }, data) => {
    await using peer = await connect(broker, options);
    peer.send(publication(notice(data, { values: '2' })));
    const { code } = await peer.closed;
    return code === 1000 ? 'published' : (code as Outcome);
  },
  'v1 publisher': async (broker, { options }, data) => {
    await using peer = await connectV1(broker, withV1(options));
    peer.send(publication(notice(data, { values: '2' }), { id: 'asked' }));
    return await answered(peer, 'published');
  },
  'v1 publisher, token in band': async (broker, { token }, data) => {
    await using peer = await connectV1(broker);
    peer.send(JSON.stringify({ sender: 'client', id: 'token', token }));
    peer.send(publication(notice(data, { values: '2' }), { id: 'asked' }));
    return await answered(peer, 'published');
  },
  'HTTP publisher': async (broker, { options }, data) => {
    const { path = '/', headers = {}, subprotocols } = options;
    const offered = subprotocols === undefined ? {} : { 'Sec-WebSocket-Protocol': subprotocols.join(', ') };
    const answer = await askHttp(broker, {
      path: path.replace('/', '/notify'),
      headers: { ...headers, ...offered },
      body: JSON.stringify(notice(data, { values: '2' })),
    });
    if (answer.status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer');
    return answer.status === 200 ? 'published' : (answer.status as Outcome);
  },
};

function withV1(options: Partial<PeerOptions>): Partial<PeerOptions> {
  return { ...options, subprotocols: ['wsn.v1', ...(options.subprotocols ?? [])] };
}

async function subscribeV1(broker: Broker, peer: Peer): Promise<Outcome> {
  peer.send(subscriptionsText(EVERYTHING, { id: 'asked' }));
  const outcome = await answered(peer, 'hears');
  return outcome === 'hears' ? await heardOf(broker, peer, Promise.resolve()) : outcome;
}

/** How the message with the id `asked` is answered, or how the connection ends before. */
async function answered(peer: Peer, success: Outcome): Promise<Outcome> {
  for (;;) {
    const message = await Promise.race([said(peer), peer.closed]).catch(() => peer.closed);
    if (isClose(message)) return message.code as Outcome;
    if (message.id === 'asked') return (message.error as { code: Outcome } | undefined)?.code ?? success;
  }
}

/** What somebody who may say everything says of the channels 2 and 9: which of it the peer hears first, or how it ended. */
async function heardOf(broker: Broker, peer: Peer, ready: Promise<void>): Promise<Outcome> {
  const early = await Promise.race([ready.catch(() => {}), peer.closed]);
  if (early) return early.code as Outcome;
  await publishWithKey(broker, notice('2', { values: '2' }), notice('9', { values: '9' }));
  return (await nextData(peer)) === '2' ? 'hears' : 'hears less';
}

function isClose(message: object): message is PeerClose {
  return 'clean' in message;
}

const SUCCESSES: readonly Outcome[] = ['published', 'hears', 'hears less'];

/** What nobody may read in a log: tokens and keys, wherever they were brought. */
function secretsOf({ options, token }: Brought): readonly string[] {
  const brought = [token, options.path?.split('token=')[1], ...(options.subprotocols ?? []), ...Object.values(options.headers ?? {})];
  const secrets = brought.map((text) => text?.replace(/^(?:Bearer |token=|wsn\.token\.)/, '') ?? '');
  return [KEY, ...secrets.filter((secret) => secret !== '')];
}

/** One broker for a table, somebody who hears all of it, and what was asked so far. */
export class Scene {
  broker!: Broker;
  readonly #log = recordingLog();
  #witness!: Peer;
  #count = 0;

  constructor(options: Partial<BrokerOptions>) {
    beforeAll(async () => {
      this.broker = await startTestBroker({ ...ON, log: this.#log, ...options });
      this.#witness = await connect(this.broker, bearing(await tokenOf({ subscribe: ALL })));
      this.#witness.send(subscriptionsText(EVERYTHING));
      await this.#witness.barrier();
    });
    afterAll(async () => {
      await this.#witness[Symbol.asyncDispose]();
      await this.broker[Symbol.asyncDispose]();
    });
  }

  /**
   * Has a peer of this kind try, and looks whether what it published went out exactly when it was told so, and whether
   * the log tells of a refusal, and nowhere of a token, a key or data.
   */
  async outcomeOf(kind: keyof Outcomes, brought: Brought): Promise<Outcome> {
    this.#count++;
    const [data, fence] = [`notice ${this.#count}`, `fence ${this.#count}`];
    const told = this.#log.records.length;
    const outcome = await ATTEMPTS[kind](this.broker, brought, data).catch((error: unknown) => {
      if (!(error instanceof HandshakeRefused)) throw error;
      if (error.status === 401) expect(error.headers['www-authenticate']).toBe('Bearer');
      return error.status as Outcome;
    });
    await publishWithKey(this.broker, notice(fence));
    const heard: unknown[] = [];
    while (heard.at(-1) !== fence) heard.push(await nextData(this.#witness));
    expect(heard.includes(data)).toBe(outcome === 'published');
    const log = JSON.stringify(this.#log.records.slice(told));
    for (const secret of [...secretsOf(brought), data, fence]) expect(log).not.toContain(secret);
    if (!SUCCESSES.includes(outcome)) expect(log).toContain('refused');
    return outcome;
  }
}
