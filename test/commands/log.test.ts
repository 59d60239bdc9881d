import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Topic } from '../../src/protocol/index.js';
import { openTestLog, temporaryFolder } from '../server/log/log-folder.js';
import { runWsn, spawnWsn } from '../support/wsn.js';

const AT = Date.UTC(2026, 10, 23, 12);
const P: Topic = { package: 'p', page: 'q' };
const SHOP: Topic = { package: 'shop', page: 'orders' };

/** Four notifications of two topics, the second of them with what would act on a terminal. */
async function fill(folder: string): Promise<void> {
  await using log = await openTestLog(folder);
  const { writer } = log;
  writer.append({ kind: 'topic', topicId: 1, topic: P, position: { epoch: 'k3', offset: 117 } });
  writer.append({ kind: 'topic', topicId: 2, topic: SHOP, position: { epoch: 'k9', offset: 0 } });
  const add = (topicId: number, offset: number, json: string) =>
    writer.append({ kind: 'notification', topicId, offset, at: AT + offset, values: 0, key: undefined, payload: Buffer.from(json) });
  add(1, 118, '{"package":"p","page":"q","data":85.0}');
  add(1, 119, '{"package":"p","page":"q",\n  "message":"a\u202eb"}');
  add(2, 1, '{"package":"shop","page":"orders"}');
  await log.committed(add(1, 120, '{"package":"p","page":"q"}'));
}

const LINES = [
  '{"notification":{"package":"p","page":"q","data":85.0},"position":{"epoch":"k3","offset":118}}',
  '{"notification":{"package":"p","page":"q", "message":"a\\u202eb"},"position":{"epoch":"k3","offset":119}}',
  '{"notification":{"package":"shop","page":"orders"},"position":{"epoch":"k9","offset":1}}',
  '{"notification":{"package":"p","page":"q"},"position":{"epoch":"k3","offset":120}}',
];

test('lists topics: where they stand and what is kept of them', async () => {
  await using folder = await temporaryFolder();
  await fill(folder.path);
  const { code, stdout, stderr } = await runWsn(['log', 'topics'], { env: { WSN_DATA: folder.path } });
  expect(stdout.trimEnd().split('\n')).toEqual([
    '{"package":"p","page":"q","epoch":"k3","offset":120,"kept":3,"bytes":111,"newestAt":"2026-11-23T12:00:00.120Z"}',
    '{"package":"shop","page":"orders","epoch":"k9","offset":1,"kept":1,"bytes":34,"newestAt":"2026-11-23T12:00:00.001Z"}',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.each([
  ['all', [], [0, 1, 2, 3]],
  ['a topic', ['--package', 'p', '--page', 'q'], [0, 1, 3]],
  ['from an offset', ['--package', 'p', '--from', '119'], [1, 3]],
  ['the last', ['--last', '2'], [2, 3]],
])('prints notifications as they were published: %s', async (_, args, expected) => {
  await using folder = await temporaryFolder();
  await fill(folder.path);
  const { code, stdout } = await runWsn(['log', 'read', '--data', folder.path, ...args]);
  expect(stdout).toBe(expected.map((index) => `${LINES[index]}\n`).join(''));
  expect(code).toBe(0);
});

test('goes on with what comes while a broker has the log, until it is interrupted', async () => {
  await using folder = await temporaryFolder();
  await fill(folder.path);
  await using log = await openTestLog(folder.path);
  await using follower = spawnWsn(['log', 'read', '--data', folder.path, '--last', '1', '--follow']);
  await follower.waitFor(/"offset":120/);
  log.writer.append({ kind: 'topic', topicId: 1, topic: P, position: { epoch: 'k3', offset: 120 } });
  log.writer.append({
    kind: 'notification',
    topicId: 1,
    offset: 121,
    at: AT,
    values: 0,
    key: undefined,
    payload: Buffer.from('{"package":"p","page":"q"}'),
  });
  await follower.waitFor(/"offset":121/);
  follower.kill('SIGINT');
  expect(await follower.exit).toMatchObject({ code: 0, stdout: `${LINES[3]}\n${LINES[3]?.replace('120', '121')}\n` });
});

test('exports what wsn notify takes', async () => {
  await using folder = await temporaryFolder();
  await fill(folder.path);
  const out = join(folder.path, 'all.ndjson');
  const { code, stdout, stderr } = await runWsn(['log', 'export', '--data', folder.path, '--out', out]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: `4 notifications written to ${out}\n` });
  const lines = (await readFile(out, 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[2]).toBe(
    '{"sender":"server","notification":{"package":"shop","page":"orders"},"position":{"epoch":"k9","offset":1},"at":"2026-11-23T12:00:00.001Z"}',
  );
});

test('says where a log is not sound, prints what is sound behind that, and exits with 4', async () => {
  await using folder = await temporaryFolder();
  await fill(folder.path);
  const name = (await readdir(folder.path)).find((each) => each.endsWith('.wsnlog')) ?? '';
  const bytes = await readFile(join(folder.path, name));
  const place = bytes.indexOf('85.0');
  bytes[place] = 0x39;
  await writeFile(join(folder.path, name), bytes);
  const { code, stdout, stderr } = await runWsn(['log', 'read', '--data', folder.path]);
  expect(stdout).toBe(
    LINES.slice(1)
      .map((line) => `${line}\n`)
      .join(''),
  );
  expect(stderr).toMatch(
    /^not sound: 0000000000000001\.wsnlog: found a record whose checksum is wrong at byte \d+; record 3 is missing\n$/,
  );
  expect(code).toBe(4);
});

test.runIf(process.platform !== 'win32')('is for its owner alone: the files, those set aside, and a folder that was made', async () => {
  await using folder = await temporaryFolder();
  const data = join(folder.path, 'made');
  await fill(data);
  await writeFile(join(data, 'committed'), 'what is no such file');
  await using broker = spawnWsn(['serve', '--host', '127.0.0.1', '--port', '0', '--data', data]);
  await broker.waitFor(/"listening"/);
  const paths = ['.', ...(await readdir(data, { recursive: true }))];
  expect(paths).toContainEqual(expect.stringMatching(/^damaged-.*\.wsnlog$/));
  for (const path of paths) expect((await stat(join(data, path))).mode & 0o077, path).toBe(0);
});

test('says in a line what is wrong with what it was given', async () => {
  await using folder = await temporaryFolder();
  await fill(folder.path);
  await using empty = await temporaryFolder();
  const missing = join(folder.path, 'missing');
  const nameless = (option: string) =>
    `option '${option} <name>' argument '' is invalid. Found an empty name: give it one, or leave the option out for all.`;
  const cases = [
    [['read', '--data', folder.path, '--package', ''], 2, nameless('--package')],
    [['export', '--data', folder.path, '--page', ''], 2, nameless('--page')],
    [['read', '--data', folder.path, '--page', 'x'], 4, 'the log has no topic with page "x": see wsn log topics'],
    [['topics', '--data', missing], 2, `--data ${missing}: there is no such folder`],
    [['topics', '--data', empty.path], 2, `--data ${empty.path}: found no log in this folder; give the folder of wsn serve --data`],
    [['export', '--data', folder.path, '--out', `${missing}/x`], 2, `cannot write --out ${missing}/x: there is no folder ${missing}`],
  ] as const;
  for (const [args, code, message] of cases) {
    expect(await runWsn(['log', ...args])).toMatchObject({ code, stdout: '', stderr: `wsn: ${message}\n` });
  }
});
