import { expect, test } from 'vitest';
import { OPCODE, writeFrame } from '../../src/peer/index.js';
import { Connection, type ConnectionParts } from '../../src/server/connection.js';
import { Flusher } from '../../src/server/flusher.js';
import { Gate } from '../../src/server/gate.js';
import type { WsSocket } from '../../src/server/ws-socket.js';
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
  const socket = { own: () => {}, pause: () => calls.push('pause'), resume: () => calls.push('resume') } as unknown as WsSocket;
  const flusher = new Flusher({ maxOutboxBytes: 1024 * 1024, slowReaderTimeoutMs: 10_000 });
  const gate = new Gate(flusher);
  const identity = { id: 'token', kind: 'token', access: { subscribe: [], publish: [] }, expiresAt: undefined } as const;
  const caller = { address: '192.0.2.1', headers: {}, rawHeaders: [], url: '' };
  const admission = { id: 'c1', caller, identity, isDirect: true, isForPublishers: true } as const;
  const connection = new Connection(socket, admission, { gate, flusher } as unknown as ConnectionParts);
  let verified = (_: () => void): void => {};
  connection.suspend((done) => {
    verified = done;
  });
  gate.wait(connection, () => {});
  gate.settle(connection);
  expect(calls).toEqual(['pause', 'pause']);
  await new Promise<void>((resolve) => verified(resolve));
  await expect.poll(() => calls).toEqual(['pause', 'pause', 'resume']);
  flusher.stop();
});
