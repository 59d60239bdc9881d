import { expect, test } from 'vitest';
import { OPCODE, writeFrame } from '../../src/peer/index.js';
import { Flusher } from '../../src/server/flusher.js';
import { Gate } from '../../src/server/gate.js';
import { Turns } from '../../src/server/turns.js';
import { startTestBroker } from '../support/broker.js';
import { connectV1, notice, publication, said } from '../support/peers.js';
import { signWith } from './identity/support.js';

const SECRET = 'a secret of thirty-two bytes or more';
const ANY = [{ package: '*', page: '*' }];

const tokenOf = (wsn: object): Promise<string> => signWith(SECRET, { sub: 'ann', wsn });
const inBand = (token: string, id: string): string => JSON.stringify({ sender: 'client', id, token });
const text = (payload: string): Buffer => writeFrame({ opcode: OPCODE.text, payload });

test('tokens and publications that come at once take effect in their order (R-2.8, R-5.10)', async () => {
  await using broker = await startTestBroker({ authSecret: SECRET });
  const [none, all] = await Promise.all([tokenOf({}), tokenOf({ publish: ANY })]);
  await using peer = await connectV1(broker);
  const tokens = [none, all, 'a.b.c', none];
  const pairs = tokens.flatMap((token, index) => [inBand(token, `${index}`), publication(notice(index), { id: `after ${index}` })]);
  peer.bytes(Buffer.concat(pairs.map(text)));
  const answers: string[] = [];
  for (const _ of pairs) {
    const answer = await said(peer);
    answers.push(`${answer.id}: ${['authenticated', 'receipt', 'error'].find((kind) => Object.hasOwn(answer, kind))}`);
  }
  expect(answers).toEqual([
    ...['0: authenticated', 'after 0: error', '1: authenticated', 'after 1: receipt'],
    ...['2: error', 'after 2: receipt', '3: authenticated', 'after 3: error'],
  ]);
});

test('thousands of messages behind a token that is being verified are all answered (R-2.8)', async () => {
  await using broker = await startTestBroker({ authSecret: SECRET });
  const token = await tokenOf({ publish: ANY });
  let errors = 0;
  await using peer = await connectV1(broker, {
    headers: { Authorization: `Bearer ${token}` },
    onMessage: (payload) => {
      if (payload.includes('"error"')) errors++;
    },
  });
  const piece = Buffer.concat([text(inBand(token, '1')), ...Array.from({ length: 3000 }, () => text('')), text(inBand(token, '2'))]);
  for (let count = 0; count < 3; count++) peer.bytes(piece);
  await expect.poll(() => errors, { timeout: 10_000 }).toBe(9000);
  await peer.barrier();
});

test('nothing is read on while a token is verified, whatever the gate lets through meanwhile (R-4.1, R-5.10)', async () => {
  const calls: string[] = [];
  const owner = { pause: () => calls.push('pause'), resume: () => calls.push('resume'), failed: () => calls.push('failed') };
  const flusher = new Flusher({ maxOutboxBytes: 1024 * 1024, slowReaderTimeoutMs: 10_000 });
  const gate = new Gate(flusher);
  const turns = new Turns(gate, owner);
  let verified = (_: () => void): void => {};
  turns.suspend((done) => {
    verified = done;
  });
  gate.wait(turns, () => {});
  gate.settle(turns);
  expect(calls).toEqual(['pause', 'pause']);
  await new Promise<void>((resolve) => verified(resolve));
  await expect.poll(() => calls).toEqual(['pause', 'pause', 'resume']);
  flusher.stop();
});
