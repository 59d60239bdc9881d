import { describe, expect, test } from 'vitest';
import { closePayload, OPCODE, writeFrame } from '../../../src/peer/index.js';
import type { Broker, BrokerOptions } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { connectV1, EVERYTHING, nextData, notice, publication, said, subscriptionsText } from '../../support/peers.js';
import { serveWeb, type WebServer } from '../identity/support.js';
import { ALL, channel, type Deferred, deferred, ON, publishWithKey, statusOf } from './support.js';

/** A broker and its back-end, which answers when it is told to. */
interface Slow extends AsyncDisposable {
  readonly broker: Broker;
  /** Waits until it is asked about this token, then has it answered: with these grants, or with a status. */
  answer(token: string, answer: object | number): Promise<void>;
  /** Waits until it is asked. */
  asked(token: string): Promise<void>;
}

async function startSlow(options: Partial<BrokerOptions> = {}): Promise<Slow> {
  const questions = new Map<string, { asked: Deferred<void>; answer: Deferred<object | number> }>();
  const question = (token: string) => {
    const known = questions.get(token) ?? { asked: deferred(), answer: deferred<object | number>() };
    questions.set(token, known);
    return known;
  };
  const hook: WebServer = await serveWeb(async (response, _, body) => {
    const { asked, answer } = question((JSON.parse(body) as { token: string }).token);
    asked.resolve();
    const given = await answer.promise;
    if (typeof given === 'number') response.statusCode = given;
    response.end(typeof given === 'number' ? '' : JSON.stringify({ subject: '5', wsn: given }));
  });
  const broker = await startTestBroker({ authorizeUrl: hook.url, apiKeys: ON.apiKeys, authorizeTimeoutMs: 30_000, ...options });
  return {
    broker,
    asked: (token) => question(token).asked.promise,
    async answer(token, answer) {
      await question(token).asked.promise;
      question(token).answer.resolve(answer);
    },
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]();
      await hook[Symbol.asyncDispose]();
    },
  };
}

function tokenText(token: string, id = token): string {
  return JSON.stringify({ sender: 'client', id, token });
}

const EVERYBODY = { subscribe: ALL, publish: ALL };

describe('what is sent behind a token', () => {
  test('waits until it is verified, and keeps its order, pongs too (R-2.8, R-5.10)', async () => {
    await using slow = await startSlow();
    const heard: string[] = [];
    const last = deferred();
    await using peer = await connectV1(slow.broker, {
      onMessage: (payload) => {
        const message = JSON.parse(payload.toString()) as { id?: string; notification?: { data: string } };
        heard.push(message.id ?? message.notification?.data ?? 'hello');
        if (message.id === 'last') last.resolve();
      },
      onFrame: ({ opcode, payload }) => opcode === OPCODE.pong && heard.push(payload.toString()),
    });
    await peer.barrier();
    peer.send(tokenText('first'));
    peer.send(subscriptionsText(EVERYTHING, { id: 'subscribed' }));
    peer.ping('pong 1');
    peer.send(publication(notice('own 1'), { id: 'receipt 1' }));
    peer.send(tokenText('second'));
    peer.send(publication(notice('own 2'), { id: 'refused' }));
    peer.ping('pong 2');
    peer.send('{"sender":"client","id":"last"}');
    await slow.asked('first');
    // It follows nothing yet.
    await publishWithKey(slow.broker, notice('early'));
    heard.push('let go');
    await slow.answer('first', EVERYBODY);
    await slow.asked('second');
    // It follows everything, but may not publish what stands behind the second.
    await publishWithKey(slow.broker, notice('between'));
    heard.push('let go');
    await slow.answer('second', { subscribe: ALL });
    await last.promise;
    // A pong may overtake the answers before it: it says that they are in force, not that they have come.
    const isPong = (text: string): boolean => text.startsWith('pong');
    const [hello, barrier, ...rest] = heard;
    expect([hello, barrier]).toEqual(['hello', 'barrier 1']);
    expect(rest.filter((text) => !isPong(text))).toEqual([
      'let go',
      ...['first', 'subscribed', 'own 1', 'receipt 1', 'between'],
      'let go',
      ...['second', 'refused', 'last'],
    ]);
    expect(rest.filter((text) => isPong(text) || text === 'let go')).toEqual(['let go', 'pong 1', 'let go', 'pong 2']);
  });

  test('is many messages, of which none is lost or overtaken (R-2.8)', async () => {
    await using slow = await startSlow();
    await using peer = await connectV1(slow.broker);
    peer.send(tokenText('token'));
    peer.send(subscriptionsText(EVERYTHING, { id: 's' }));
    const count = 1000;
    for (let data = 1; data <= count; data++) peer.send(publication(notice(data)));
    await slow.answer('token', EVERYBODY);
    const heard: unknown[] = [];
    while (heard.length < count) {
      const message = await said(peer);
      if (message.notification) heard.push(message.notification.data);
    }
    expect(heard).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  });

  test.each(['a close frame', 'a close frame in the same segment', 'a FIN', 'a reset'])(
    'is served after %s, when it came before that (R-2.10, R-5.10)',
    async (end) => {
      await using slow = await startSlow();
      await using witness = await openWitness(slow);
      await using peer = await connectV1(slow.broker);
      const closing = { opcode: OPCODE.close, payload: closePayload(1000) };
      const frames = [tokenText('token'), publication(notice('left behind'))].map((payload) =>
        writeFrame({ opcode: OPCODE.text, payload }),
      );
      peer.bytes(Buffer.concat(end.endsWith('segment') ? [...frames, writeFrame(closing)] : frames));
      await slow.asked('token');
      if (end === 'a close frame') peer.frame(closing);
      else if (end === 'a FIN') peer.end();
      else if (end === 'a reset') peer.destroy();
      await slow.answer('token', EVERYBODY);
      expect(await nextData(witness)).toBe('left behind');
    },
  );

  test('is not served when the token is refused (R-7.2)', async () => {
    await using slow = await startSlow();
    await using witness = await openWitness(slow);
    await using peer = await connectV1(slow.broker);
    peer.send(tokenText('token'));
    peer.send(publication(notice('forbidden')));
    await slow.answer('token', 401);
    expect((await peer.closed).code).toBe(4401);
    await publishWithKey(slow.broker, notice('fence'));
    expect(await nextData(witness)).toBe('fence');
  });
});

describe('a token that is asked about when the broker ends', () => {
  test('does not hold up a shutdown beyond its time, in band or at the handshake (R-2.10)', async () => {
    await using slow = await startSlow({ drainTimeoutMs: 100 });
    await using peer = await connectV1(slow.broker);
    peer.send(tokenText('in-band'));
    const status = statusOf(slow.broker, { headers: { Authorization: 'Bearer handshake' } });
    await Promise.all([slow.asked('in-band'), slow.asked('handshake')]);
    await slow.broker.close();
    expect(await status).toBe(503);
    expect((await peer.closed).code).toBe(1001);
    await Promise.all([slow.answer('in-band', 401), slow.answer('handshake', 401)]);
  });
});

async function openWitness(slow: Slow) {
  const opening = connectV1(slow.broker, { headers: { Authorization: 'Bearer witness' } });
  await slow.answer('witness', { subscribe: [channel('2'), ...ALL] });
  const witness = await opening;
  witness.send(subscriptionsText(EVERYTHING));
  await witness.next();
  return witness;
}
