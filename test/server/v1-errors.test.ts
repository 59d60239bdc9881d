import { describe, expect, it, vi } from 'vitest';
import { ProtocolError } from '../../src/protocol/index.js';
import { Fanout } from '../../src/server/fanout.js';
import { MemoryFeed } from '../../src/server/feed/memory.js';
import { startTestBroker } from '../support/broker.js';
import { ask, connectV1, nextData, notice, publication, publish, said, TOPIC } from '../support/peers.js';

const RESUME = { ...TOPIC, epoch: 'k', offset: 1 };

/** The message of a subscriber with one member replaced. */
function client(member: object): object {
  return { sender: 'client', id: '1', subscriptions: [TOPIC], ...member };
}

function server(notification: unknown, more: object = {}): object {
  return { sender: 'server', id: '1', ...more, notification };
}

/** As many filters as `values` counts, spread over subscriptions. */
function subscriptionsWith(values: number): object[] {
  return [{ ...TOPIC, filters: { a: Array.from({ length: values - 2 }, (_, index) => index) } }];
}

function nested(levels: number): unknown {
  return levels === 0 ? 1 : { a: nested(levels - 1) };
}

/** What a v1 peer may get wrong: the message, the code of the error, its path. */
const WRONG: readonly (readonly [what: string, message: object | string, code: string, path: string | undefined])[] = [
  ['text that is not JSON', '{"sender":', 'invalid-message', undefined],
  ['no text at all', '', 'invalid-message', undefined],
  ['an array', '[]', 'invalid-message', undefined],
  ['null', 'null', 'invalid-message', undefined],
  ['another sender', client({ sender: 'browser' }), 'invalid-message', '/sender'],
  ['no sender', client({ sender: undefined }), 'invalid-message', '/sender'],
  ['no payload', { sender: 'client', id: '1' }, 'invalid-message', '/subscriptions'],
  ['no notification', { sender: 'server', id: '1' }, 'invalid-message', '/notification'],
  ['two payloads', client({ notification: {} }), 'invalid-message', '/notification'],
  ['a token beside subscriptions', client({ token: 't' }), 'invalid-message', '/token'],
  ['an id that is a number', client({ id: 7 }), 'invalid-message', '/id'],
  ['an empty id', client({ id: '' }), 'invalid-message', '/id'],
  ['an id of 65 bytes', client({ id: `${'é'.repeat(32)}x` }), 'invalid-message', '/id'],
  ['a member twice', '{"sender":"client","id":"1","subscriptions":[],"subscriptions":[]}', 'invalid-message', '/subscriptions'],
  ['an escaped name', '{"s\\u0065nder":"client","id":"1","subscriptions":[]}', 'invalid-message', '/sender'],
  ['65 levels', client({ extra: nested(64) }), 'invalid-message', undefined],
  ['subscriptions that are no array', client({ subscriptions: {} }), 'invalid-subscription', '/subscriptions'],
  ['a subscription that is no object', client({ subscriptions: [TOPIC, 'x'] }), 'invalid-subscription', '/subscriptions/1'],
  ['a subscription without a page', client({ subscriptions: [{ package: 'p' }] }), 'invalid-subscription', '/subscriptions/0/page'],
  ['an empty package', client({ subscriptions: [{ ...TOPIC, package: '' }] }), 'invalid-subscription', '/subscriptions/0/package'],
  [
    'a page of 257 bytes',
    client({ subscriptions: [{ ...TOPIC, page: 'p'.repeat(257) }] }),
    'invalid-subscription',
    '/subscriptions/0/page',
  ],
  [
    'filters that are a string',
    client({ subscriptions: [{ ...TOPIC, filters: '2' }] }),
    'invalid-subscription',
    '/subscriptions/0/filters',
  ],
  [
    'filters of 9 levels',
    client({ subscriptions: [{ ...TOPIC, filters: nested(9) }] }),
    'invalid-subscription',
    '/subscriptions/0/filters',
  ],
  ['1,001 subscriptions', client({ subscriptions: Array(1001).fill(TOPIC) }), 'too-many', '/subscriptions'],
  ['10,001 filter values', client({ subscriptions: subscriptionsWith(10_001) }), 'too-many', '/subscriptions'],
  ['a resume that is no array', client({ resume: {} }), 'invalid-resume', '/resume'],
  ['a resume of another topic', client({ resume: [{ ...RESUME, page: 'x' }] }), 'invalid-resume', '/resume/0'],
  ['a topic resumed twice', client({ resume: [RESUME, RESUME] }), 'invalid-resume', '/resume/1'],
  ['a resume without an epoch', client({ resume: [{ ...RESUME, epoch: undefined }] }), 'invalid-resume', '/resume/0/epoch'],
  ['a negative offset', client({ resume: [{ ...RESUME, offset: -1 }] }), 'invalid-resume', '/resume/0/offset'],
  ['half an offset', client({ resume: [{ ...RESUME, offset: 1.5 }] }), 'invalid-resume', '/resume/0/offset'],
  ['a notification that is a string', server('x'), 'invalid-notification', '/notification'],
  ['a notification without a package', server({ page: 'q' }), 'invalid-notification', '/notification/package'],
  ['filters that are true', server({ ...TOPIC, filters: true }), 'invalid-notification', '/notification/filters'],
  ['notification filters of 9 levels', server({ ...TOPIC, filters: nested(9) }), 'invalid-notification', '/notification/filters'],
  ['data twice', publication('{"package":"p","page":"q","data":1,"data":2}', { id: '1' }), 'invalid-notification', '/notification/data'],
  ['a key that is a number', server(notice(1), { key: 17 }), 'invalid-key', '/key'],
  ['a token', { sender: 'client', id: '1', token: 't' }, 'unsupported', undefined],
  ['an empty token', { sender: 'client', id: '1', token: '' }, 'invalid-message', '/token'],
];

/** The id of a message, if it can be read. */
function idOf(message: object | string): unknown {
  try {
    const parsed: unknown = typeof message === 'string' ? JSON.parse(message) : message;
    return (parsed as { id?: unknown } | null)?.id;
  } catch {
    return undefined;
  }
}

describe('what a v1 peer gets wrong', () => {
  it.each(WRONG)('%s: is answered with the error, and the connection and its set stay (R-5.9)', async (_, message, code, path) => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    await ask(peer, { sender: 'client', subscriptions: [TOPIC] });
    const answer = await ask(peer, message);
    const hasId = idOf(message) === '1' && path !== '/id';
    expect(answer).toEqual({
      sender: 'server',
      ...(hasId ? { id: '1' } : {}),
      error: { code, ...(path === undefined ? {} : { path }), message: expect.stringMatching(/./), retry: false },
    });
    await publish(broker, notice('the set stands'));
    expect(await nextData(peer)).toBe('the set stands');
    expect(broker.stats().refused).toBe(1);
  });

  it('is told apart by the ids of what is under way (R-5.2)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    peer.send(publication(notice(1), { id: 'a' }));
    peer.send(publication({ page: 'q' }, { id: 'b' }));
    peer.send(publication(notice(2), { id: 'c' }));
    const answers = [await said(peer), await said(peer), await said(peer)];
    expect(answers.map(({ id, error }) => [id, error !== undefined])).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
    ]);
  });

  it('is never repeated to it (R-4.3)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    peer.send(JSON.stringify({ sender: 'Geheimnis', subscriptions: [] }));
    peer.send(JSON.stringify(client({ subscriptions: [{ ...TOPIC, filters: 'Geheimnis' }] })));
    peer.send('{"Geheimnis"');
    for (let count = 0; count < 3; count++) expect(await peer.next()).not.toContain('Geheimnis');
  });
});

describe('what is not its own fault', () => {
  it('is error forbidden, with the option that would allow it, when it may not publish (R-7.1)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker, { headers: { Origin: 'https://a.test' } });
    await ask(peer, { sender: 'client', subscriptions: [TOPIC] });
    expect(await ask(peer, server(notice(1)))).toEqual({
      sender: 'server',
      id: '1',
      error: { code: 'forbidden', message: expect.stringContaining('--allow-publish'), retry: false },
    });
    await publish(broker, notice('still subscribed'));
    expect(await nextData(peer)).toBe('still subscribed');
  });

  it('is error unavailable, which may be tried again, when the log cannot be written (R-5.9)', async () => {
    const append = vi.spyOn(MemoryFeed.prototype, 'append');
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    append.mockImplementationOnce((_, settled) => settled({ kind: 'failed', error: new ProtocolError('unavailable', 'the disk is full') }));
    expect(await ask(peer, server(notice(1)))).toEqual({
      sender: 'server',
      id: '1',
      error: { code: 'unavailable', message: 'the disk is full', retry: true },
    });
    append.mockRestore();
    expect(await ask(peer, server(notice(2)))).toMatchObject({ receipt: { position: { offset: 1 } } });
  });

  it('is error internal, and a reset to the subscribers of the topic, when the fan-out fails (R-5.6)', async () => {
    const deliver = vi.spyOn(Fanout.prototype, 'deliver');
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    await using reader = await connectV1(broker);
    await ask(reader, { sender: 'client', subscriptions: [TOPIC] });
    await ask(peer, server(notice(1)));
    const { position } = await said(reader);
    deliver.mockImplementationOnce(() => {
      throw new Error('secret internals');
    });
    expect(await ask(peer, server(notice(2)))).toMatchObject({
      id: '1',
      error: { code: 'internal', message: expect.not.stringContaining('secret'), retry: true },
    });
    deliver.mockRestore();
    const reset = (await said(reader)).reset as [{ epoch: string }];
    expect(reset).toEqual([{ ...TOPIC, epoch: expect.any(String), offset: 0 }]);
    expect(reset[0].epoch).not.toBe(position?.epoch);
    await ask(peer, server(notice(3)));
    expect((await said(reader)).position).toEqual({ epoch: reset[0].epoch, offset: 1 });
  });
});

describe('what closes a v1 peer all the same', () => {
  it.each([
    ['a binary message', { opcode: 2, payload: 'x' }, 1003],
    ['text that is not UTF-8', { opcode: 1, payload: Buffer.from([0xc3, 0x28]) }, 1007],
    ['a message that is too long', { opcode: 1, payload: Buffer.alloc(1025, 32) }, 1009],
    ['a violation of RFC 6455', { opcode: 1, payload: '{}', mask: false }, 1002],
  ])('is %s (R-5.9)', async (_, frame, code) => {
    await using broker = await startTestBroker({ maxMessageBytes: 1024 });
    await using peer = await connectV1(broker);
    peer.frame(frame);
    expect((await peer.closed).code).toBe(code);
  });
});
