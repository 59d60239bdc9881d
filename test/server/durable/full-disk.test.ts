import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startTestBroker } from '../../support/broker.js';
import { askHttp } from '../../support/http.js';
import { recordingLog } from '../../support/log.js';
import { ask, connectV1, nextData, notice, publication, publish, subscriber } from '../../support/peers.js';
import { MAY_MOUNT, smallDisk } from '../../support/small-disk.js';

it.runIf(MAY_MOUNT)('a full disk refuses publishers and nothing else, and heals by itself (R-2.10, R-5.7, R-6.4)', async () => {
  await using disk = await smallDisk();
  const log = recordingLog();
  await using broker = await startTestBroker({ data: join(disk.path, 'log'), log });
  await using reader = await subscriber(broker);
  await using peer = await connectV1(broker);
  expect(await ask(peer, publication(notice('before')))).toMatchObject({ receipt: { position: { offset: 1 } } });
  expect(await nextData(reader)).toBe('before');

  await writeFile(join(disk.path, 'filler'), Buffer.alloc(8 * 1024 * 1024)).catch(() => {});
  const large = notice('x'.repeat(500_000));
  expect(await ask(peer, publication(large, { id: '1' }))).toMatchObject({ id: '1', error: { code: 'unavailable', retry: true } });
  expect((await publish(broker, large)).code).toBe(1013);
  expect(await askHttp(broker, { body: JSON.stringify(large) })).toMatchObject({ status: 503, json: { code: 'unavailable' } });
  expect((await askHttp(broker, { method: 'GET', path: '/readyz' })).status).toBe(503);
  expect((await askHttp(broker, { method: 'GET', path: '/healthz' })).status).toBe(200);
  expect(log.records.filter(({ message }) => message === 'the log cannot be written: publishers are refused')).toHaveLength(1);

  await rm(join(disk.path, 'filler'));
  await expect.poll(async () => (await askHttp(broker, { method: 'GET', path: '/readyz' })).status, { timeout: 10_000 }).toBe(200);
  expect(log.find('the log can be written again')).toBeDefined();
  expect(await ask(peer, publication(notice('after')))).toMatchObject({ receipt: { position: { offset: 2 } } });
  expect(await nextData(reader)).toBe('after');
});
