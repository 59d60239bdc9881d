import { describe, expect, it } from 'vitest';
import { OPCODE } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { recordingLog } from '../support/log.js';
import {
  ask,
  connect,
  connectV1,
  nextData,
  notice,
  publication,
  publish,
  subscribe,
  subscriber,
  subscriptionsText,
  TOPIC,
} from '../support/peers.js';

const tolerant = true;

describe('with --tolerant', () => {
  it('the invalid messages of a base peer are ignored, logged and counted, and its set stands (R-4.4)', async () => {
    const log = recordingLog();
    await using broker = await startTestBroker({ tolerant, log });
    await using peer = await subscriber(broker);
    for (const message of ['{', '[]', '{"sender":"browser"}', subscriptionsText(['x'] as unknown as object[]), '{"sender":"client"}'])
      peer.send(message);
    await peer.barrier();
    await publish(broker, notice('still here'));
    expect(await nextData(peer)).toBe('still here');
    expect(broker.stats().refused).toBe(5);
    expect(log.records.filter(({ message }) => message === 'message ignored')).toHaveLength(5);
  });

  it('60 of them within a minute end the connection with 1008 (R-4.4)', async () => {
    await using broker = await startTestBroker({ tolerant });
    await using peer = await subscriber(broker);
    for (let count = 1; count <= 59; count++) peer.send('{');
    await peer.barrier();
    await subscribe(peer, [TOPIC]);
    peer.send('{');
    expect(await peer.closed).toMatchObject({ code: 1008, clean: true });
  });

  it('another peer has a count of its own (R-4.4)', async () => {
    await using broker = await startTestBroker({ tolerant });
    await using one = await connect(broker);
    await using two = await connect(broker);
    for (let count = 1; count <= 59; count++) for (const peer of [one, two]) peer.send('{');
    await one.barrier();
    await two.barrier();
    expect(broker.stats()).toMatchObject({ refused: 118, peers: 2 });
  });

  it.each([
    ['that is wrong', publication({ page: 'q' }), 4400],
    ['without a notification', '{"sender":"server"}', 4400],
    ['with a name twice', '{"sender":"client","sender":"server","notification":{"package":"p","page":"q"}}', 4400],
    ['that is too deep', publication(`{"package":"p","page":"q","data":${'['.repeat(70)}${']'.repeat(70)}}`), 4400],
  ])('a publication %s is refused all the same (R-4.4)', async (_, message, code) => {
    await using broker = await startTestBroker({ tolerant });
    await using peer = await connect(broker);
    peer.send(message);
    expect((await peer.closed).code).toBe(code);
  });

  it.each([
    ['too many subscriptions', { opcode: OPCODE.text, payload: subscriptionsText(Array(1001).fill(TOPIC)) }, 4429],
    ['a binary message', { opcode: OPCODE.binary, payload: '{}' }, 1003],
    ['text that is not UTF-8', { opcode: OPCODE.text, payload: Buffer.from([0xff]) }, 1007],
    ['a violation of RFC 6455', { opcode: OPCODE.text, payload: '{}', mask: false }, 1002],
  ])('%s: closes all the same (R-4.4)', async (_, frame, code) => {
    await using broker = await startTestBroker({ tolerant });
    await using peer = await connect(broker);
    peer.frame(frame);
    expect((await peer.closed).code).toBe(code);
  });

  it('a v1 peer is answered as ever, and never with 1008 (R-4.4)', async () => {
    await using broker = await startTestBroker({ tolerant });
    await using peer = await connectV1(broker);
    for (let count = 1; count <= 100; count++) expect(await ask(peer, '{')).toMatchObject({ error: { code: 'invalid-message' } });
  });
});

describe('without --tolerant', () => {
  it('the log line of an invalid message names the option (R-4.4)', async () => {
    const log = recordingLog();
    await using broker = await startTestBroker({ log });
    await using peer = await connect(broker);
    peer.send('{"sender":"client"}');
    expect((await peer.closed).code).toBe(4400);
    expect(log.find('message refused')).toMatchObject({ code: 'invalid-message', hint: expect.stringContaining('--tolerant') });
  });

  it('the log line of what the option would not soften does not name it (R-4.4)', async () => {
    const log = recordingLog();
    await using broker = await startTestBroker({ log });
    for (const message of [publication({}), subscriptionsText(Array(1001).fill(TOPIC))]) {
      await using peer = await connect(broker);
      peer.send(message);
      await peer.closed;
      expect(log.find('message refused')).not.toHaveProperty('hint');
    }
  });
});
