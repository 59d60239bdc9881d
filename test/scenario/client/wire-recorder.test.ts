import { expect, it } from 'vitest';
import { WireRecorder } from '../../../src/scenario/client/wire-recorder.js';

const payloadOf = (payload: string | Uint8Array) => {
  const recorder = new WireRecorder();
  recorder.record('alice', { direction: 'sent', what: 'bytes', payload });
  const [event] = recorder.log.alice ?? [];
  return [event?.payload, event?.bytes];
};

it.each<[string, string | Uint8Array, string, number]>([
  ['text as it is', 'é', 'é', 2],
  ['bytes that are text as text', Buffer.from('é\u001b'), 'é\u001b', 3],
  ['other bytes in hex', Buffer.from([0xff, 0x00, 0x01]), 'ff0001', 3],
  ['long text cut, with all its bytes counted', 'x'.repeat(1000), `${'x'.repeat(400)}…`, 1000],
  [
    'text whose last character is cut as text',
    Buffer.concat([Buffer.from('a'.repeat(10)), Buffer.from([0xc3])]),
    `${'a'.repeat(10)}\ufffd`,
    11,
  ],
])('the log of a client has %s', (_, payload, shown, bytes) => {
  expect(payloadOf(payload)).toEqual([shown, bytes]);
});

it('the log keeps the last 200 events of each client, in their order', () => {
  const recorder = new WireRecorder();
  recorder.record('bob', { direction: 'note', what: 'first' });
  for (let event = 1; event <= 250; event++) recorder.record('alice', { direction: 'note', what: String(event) });
  const { alice = [], bob = [] } = recorder.log;
  expect([alice.length, alice[0]?.what, alice.at(-1)?.what]).toEqual([200, '51', '250']);
  expect(bob.map(({ what }) => what)).toEqual(['first']);
  expect(alice.every(({ atMs }, index) => index === 0 || atMs >= (alice[index - 1]?.atMs ?? 0))).toBe(true);
});

it('a log that was taken does not change any more', () => {
  const recorder = new WireRecorder();
  recorder.record('alice', { direction: 'note', what: 'one' });
  const { alice } = recorder.log;
  recorder.record('alice', { direction: 'note', what: 'two' });
  expect(alice).toHaveLength(1);
});
