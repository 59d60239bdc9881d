import { describe, expect, it } from 'vitest';
import { closePayload, OPCODE, writeFrame } from '../../../src/peer/index.js';
import { startTestBroker } from '../../support/broker.js';
import { askHttp } from '../../support/http.js';
import { recordingLog } from '../../support/log.js';
import { ask, connect, connectV1, notice, publication, said, subscriptionsText, TOPIC } from '../../support/peers.js';
import { temporaryFolder } from '../log/log-folder.js';
import { slowDisk } from './slow-disk.js';

/** A broker whose log takes 60 ms for each write. */
async function startSlow() {
  const folder = await temporaryFolder();
  const log = recordingLog();
  const broker = await startTestBroker({ data: folder.path, log });
  const disk = await slowDisk(60);
  return {
    broker,
    disk,
    log,
    async [Symbol.asyncDispose](): Promise<void> {
      await broker[Symbol.asyncDispose]();
      disk[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const published = (more: object = {}) => writeFrame({ opcode: OPCODE.text, payload: publication(notice('one'), more) });
const text = (payload: string) => writeFrame({ opcode: OPCODE.text, payload });
const binary = writeFrame({ opcode: OPCODE.binary, payload: 'x' });
const close = (code?: number) => writeFrame({ opcode: OPCODE.close, payload: code === undefined ? '' : closePayload(code) });
const broken = Buffer.from([0xf1, 0x80, 1, 2, 3, 4]);

describe('what a base publisher sends behind a notification that is on its way into the log', () => {
  it.each([
    ['a close frame', close(1000)],
    ['a close frame without a code', close()],
    ['a close frame with a code of its own', close(4000)],
    ['what is no JSON', text('garbage')],
    ['a binary message', binary],
    ['a broken frame', broken],
  ])('does not keep the 1000 from it: %s (R-2.8, R-2.10)', async (_, frame) => {
    await using world = await startSlow();
    await using peer = await connect(world.broker);
    peer.bytes(Buffer.concat([published(), frame]));
    expect((await peer.closed).code).toBe(1000);
    expect(world.broker.stats().published).toBe(1);
    expect(world.log.records.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each([
    ['a FIN', Buffer.alloc(0)],
    ['a close frame and a FIN', close(1000)],
  ])('does not keep the 1000 from it: %s (R-2.10)', async (_, frame) => {
    await using world = await startSlow();
    await using peer = await connect(world.broker);
    peer.bytes(Buffer.concat([published(), frame]));
    peer.end();
    expect((await peer.closed).code).toBe(1000);
  });

  it('is part of the receipt: when the second of two cannot be logged, no 1000 says that both are (R-2.10)', async () => {
    await using world = await startSlow();
    await using other = await connectV1(world.broker);
    await ask(other, publication(notice('until then nothing is written')));
    world.disk.delayMs = 500;
    await using peer = await connect(world.broker);
    peer.send(publication(notice('first')));
    // The second comes into the next batch, for the first one is being written.
    await expect.poll(() => world.broker.stats().taken).toBe(2);
    peer.send(publication(notice('second')));
    await expect.poll(() => world.broker.stats().published, { timeout: 10_000, interval: 5 }).toBe(2);
    world.disk.isFull = true;
    expect((await peer.closed).code).toBe(1013);
    Object.assign(world.disk, { isFull: false, delayMs: 0 });
    await expect.poll(async () => (await askHttp(world.broker, { method: 'GET', path: '/readyz' })).status, { timeout: 5000 }).toBe(200);
  });
});

describe('what a v1 publisher sends behind a notification that is on its way into the log', () => {
  it.each([
    ['a close frame without a code', close(), 1005],
    ['a close frame with a code of its own', close(4000), 4000],
    ['a binary message', binary, 1003],
    ['a broken frame', broken, 1002],
  ])('comes behind its receipt: %s (R-2.8, R-5.7)', async (_, frame, code) => {
    await using world = await startSlow();
    await using peer = await connectV1(world.broker);
    peer.bytes(Buffer.concat([published({ id: '1' }), frame]));
    expect(await said(peer)).toMatchObject({ id: '1', receipt: { duplicate: false } });
    expect((await peer.closed).code).toBe(code);
    expect(world.log.records.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('comes behind its receipt: a FIN (R-5.7)', async () => {
    await using world = await startSlow();
    await using peer = await connectV1(world.broker);
    peer.bytes(published({ id: '1' }));
    peer.end();
    expect(await said(peer)).toMatchObject({ id: '1', receipt: { duplicate: false } });
  });

  it('comes behind it also while an offset ahead is waited for (R-2.8, R-5.4)', async () => {
    await using world = await startSlow();
    await using peer = await connectV1(world.broker);
    await using other = await connectV1(world.broker);
    const answer = await ask(other, subscriptionsText([TOPIC]));
    const { epoch } = (answer.subscribed as unknown as { topics: readonly { epoch: string }[] }).topics[0] as { epoch: string };
    const ahead = text(subscriptionsText([TOPIC], { id: 'r', resume: [{ ...TOPIC, epoch, offset: 1 }] }));
    peer.bytes(Buffer.concat([ahead, published({ id: '1' }), close(1000)]));
    const heard = [await said(peer), await said(peer), await said(peer)];
    expect(heard.map(({ id, notification }) => id ?? notification?.data)).toEqual(['r', 'one', '1']);
    expect((await peer.closed).code).toBe(1000);
  });
});

it('HTTP is answered although its client has ended its side (R-6.3)', async () => {
  await using world = await startSlow();
  const body = JSON.stringify(notice('one'));
  const { connect: connectTcp } = await import('node:net');
  const answer = await new Promise<string>((resolve, reject) => {
    let got = '';
    const socket = connectTcp({ host: '127.0.0.1', port: world.broker.port, allowHalfOpen: true });
    socket.setEncoding('utf8').on('error', reject);
    socket.on('data', (chunk) => {
      got += chunk;
    });
    socket.on('end', () => {
      socket.end();
      resolve(got);
    });
    socket.end(
      `POST /notify HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

it('a disk that takes its time keeps publishers waiting, and nobody from subscribing (R-5.7)', async () => {
  await using world = await startSlow();
  world.disk.delayMs = 1500;
  await using publisher = await connectV1(world.broker);
  const large = notice('x'.repeat(100_000));
  for (let number = 1; number <= 8; number++) publisher.send(publication(large, { id: `${number}` }));
  await using peer = await connectV1(world.broker);
  expect(await ask(peer, subscriptionsText([TOPIC], { id: 's' }))).toMatchObject({ id: 's' });
  // Nothing of it is in the log yet: the answer did not wait for that.
  expect(world.broker.stats().published).toBe(0);
  world.disk.delayMs = 0;
  for (let number = 1; number <= 8; number++) expect(await said(publisher)).toMatchObject({ id: `${number}`, receipt: {} });
});
