import { describe, expect, it } from 'vitest';
import { OPCODE, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { connect, nextData, notice, publication, publish, subscriber, TOPIC } from '../support/peers.js';

/** The beginning of a notification of `TOPIC` as text, for what `JSON.stringify` would write otherwise. */
const HEAD = '{"package":"amaiia_msg_srv","page":"messages"';

/** What a subscriber hears of a notification's bytes. */
function relayed(notification: string): string {
  return `{"sender":"server","notification":${notification}}`;
}

describe('a notification is relayed byte for byte', () => {
  it.each([
    ['integers that no double holds', `${HEAD},"data":{"total":12345678901234567890,"big":1e400,"n":-0}}`],
    ['a number with its zero', `${HEAD},"filters":{"values":{"oee":85.0}}}`],
    ['members in their order', `{"message":1,"page":"messages","data":2,"package":"amaiia_msg_srv","filters":{}}`],
    ['members that nobody knows, twice too', `${HEAD},"x":{"y":1,"y":2},"x":[]}`],
    ['white space', `{ "package" :\t"amaiia_msg_srv" ,\r\n "page":"messages"  }`],
    ['escapes', `${HEAD},"message":"\\u00e9\\/\\n\\ud834\\udd1e\\ud800"}`],
    ['unicode', `${HEAD},"message":"é 𝄞 \u2028 \uffff 日本"}`],
    ['names of prototypes', `${HEAD},"__proto__":{"a":1},"constructor":null}`],
    ['names that the protocol knows, deeper down', `${HEAD},"data":{"sender":"client","position":1,"notification":{}}}`],
  ])('with %s (R-2.3)', async (_, notification) => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    expect((await publish(broker, notification)).code).toBe(1000);
    expect(await peer.next()).toBe(relayed(notification));
  });

  it.each([
    ['125 bytes and its neighbours, the ends of a short frame', [124, 125, 126, 127]],
    ['64 KiB and its neighbours, the ends of a middling frame', [65_534, 65_535, 65_536, 65_537]],
  ])('when the message to subscribers has %s (R-2.3)', async (_, lengths) => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    for (const length of lengths) {
      const empty = relayed(`${HEAD},"data":""}`).length;
      const notification = `${HEAD},"data":"${'x'.repeat(length - empty)}"}`;
      await publish(broker, notification);
      const heard = await peer.next();
      expect(heard).toHaveLength(length);
      expect(heard).toBe(relayed(notification));
    }
  });

  it('when its message has 1 MiB, the most that is taken (R-2.3)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    const room = 1024 * 1024 - Buffer.byteLength(publication(`${HEAD},"data":""}`));
    const notification = `${HEAD},"data":"${'y'.repeat(room)}"}`;
    expect(Buffer.byteLength(publication(notification))).toBe(1024 * 1024);
    expect((await publish(broker, notification)).code).toBe(1000);
    expect((await peer.next()) === relayed(notification)).toBe(true);
  });

  it('when its message comes in 20,000 frames of a byte: how it is cut means nothing (R-2.1)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    await using publisher = await connect(broker);
    const notification = JSON.stringify(notice('x'.repeat(20_000)));
    const bytes = Buffer.from(publication(notification));
    const frames = [...bytes].map((_, index) => ({
      opcode: index === 0 ? OPCODE.text : OPCODE.continuation,
      fin: index === bytes.length - 1,
      payload: bytes.subarray(index, index + 1),
    }));
    publisher.bytes(Buffer.concat(frames.map(writeFrame)));
    expect(await peer.next()).toBe(relayed(notification));
    expect((await publisher.closed).code).toBe(1000);
  });

  it('and nothing else of its message is (R-2.3)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    await using publisher = await connect(broker);
    publisher.send(`{"secret":"s","notification" : ${HEAD}} , "id":"9","key":"k","position":{"epoch":"e","offset":9},"sender":"server"}`);
    expect((await publisher.closed).code).toBe(1000);
    expect(await peer.next()).toBe(relayed(`${HEAD}}`));
  });
});

describe('a notification is delivered', () => {
  it('at most once to a connection, however many of its subscriptions match (R-2.9)', async () => {
    await using broker = await startTestBroker();
    const overlapping = [TOPIC, TOPIC, { ...TOPIC, filters: { values: '2' } }, { ...TOPIC, filters: { values: true } }];
    await using peer = await subscriber(broker, overlapping);
    await publish(broker, notice('once', { values: ['2', '2'] }));
    await publish(broker, notice('fence'));
    expect([await nextData(peer), await nextData(peer)]).toEqual(['once', 'fence']);
    expect(broker.stats().delivered).toBe(2);
  });

  it('to each of several connections of one client', async () => {
    await using broker = await startTestBroker();
    await using one = await subscriber(broker);
    await using two = await subscriber(broker);
    await publish(broker, notice('to both'));
    expect([await nextData(one), await nextData(two)]).toEqual(['to both', 'to both']);
  });

  it('in one order for two subscribers, which is the order of each of two publishers (R-2.9)', async () => {
    await using broker = await startTestBroker();
    await using first = await subscriber(broker);
    await using second = await subscriber(broker, [{ ...TOPIC, filters: { by: true } }]);
    const publishers = await Promise.all(['a', 'b'].map(async (by) => ({ by, peer: await connect(broker, { subprotocols: ['wsn.v1'] }) })));
    for (let number = 1; number <= 200; number++) {
      for (const { by, peer } of publishers) peer.send(publication(notice(`${by}${number}`, { by })));
      if (number % 20 === 0) await publishers[number % 2]?.peer.barrier();
    }
    const heard: unknown[] = [];
    const alike: unknown[] = [];
    for (let count = 0; count < 400; count++) {
      heard.push(await nextData(first));
      alike.push(await nextData(second));
    }
    expect(alike).toEqual(heard);
    for (const by of ['a', 'b']) {
      expect(heard.filter((data) => String(data).startsWith(by))).toEqual(Array.from({ length: 200 }, (_, index) => `${by}${index + 1}`));
    }
    for (const { peer } of publishers) await peer[Symbol.asyncDispose]();
  });
});
