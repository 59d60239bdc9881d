import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXTENSIONS, startExample } from '../support/example.js';
import { describeWithPhp, type RunPhp } from '../support/php.js';

const PUBLISHED = { receipt: { position: { epoch: 'e', offset: 1 }, matched: 0, duplicate: false } };

/** Stores a message and tells the broker of it, then lets the worker's turn come; what is known of it after that. */
const SCRIPT = `
  require 'examples/messaging/api/load.php';
  [$messages, $outbox] = Messaging\\open(Messaging\\settings());
  $database = Messaging\\Database::open(Messaging\\settings()['database']);
  $message = $messages->store('2', 'Anna', 'Good morning', 'client-id');
  $isPublished = $outbox->publish($message);
  $database->exec('UPDATE outbox SET due = 0');
  $taken = $outbox->drain();
  $refusal = $database->query('SELECT refusal FROM outbox')->fetchColumn();
  echo json_encode([$isPublished, $taken, $outbox->has($message), $refusal]);
`;

describeWithPhp('the outbox of the messaging example', (php) => tests(php), EXTENSIONS);

function tests(php: RunPhp): void {
  /** What SCRIPT tells with a broker that answers with `status` at first, and then takes all. */
  async function tellAfter(status: number): Promise<unknown> {
    const folder = await mkdtemp(join(tmpdir(), 'wsn-outbox-'));
    let isFirst = true;
    const server = createServer((asked, answer) => {
      asked.resume().on('end', () => {
        answer.writeHead(isFirst ? status : 200, { 'Content-Type': 'application/json' });
        answer.end(JSON.stringify(isFirst ? { detail: 'not this' } : PUBLISHED));
        isFirst = false;
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const settings = join(folder, 'settings.json');
      const broker = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await writeFile(settings, JSON.stringify({ database: join(folder, 'messages.sqlite'), broker }));
      const { stdout } = await php(['-d', 'error_log=/dev/null', '-r', SCRIPT], 10_000, { MESSAGING_SETTINGS: settings });
      return JSON.parse(stdout);
    } finally {
      server.close();
      await rm(folder, { recursive: true });
    }
  }

  it.each([302, 401, 403, 404, 407, 429, 500, 503])(
    'keeps a message that the broker answers with %i, and publishes it later',
    async (status) => {
      expect(await tellAfter(status)).toEqual([false, 1, false, false]);
    },
  );

  it.each([400, 413, 422])('gives up a message that the broker answers with %i, and keeps why', async (status) => {
    expect(await tellAfter(status)).toEqual([false, 0, true, expect.stringMatching(`HTTP ${status}: not this`)]);
  });

  it('goes on after its database could not be read', async () => {
    const data = await mkdtemp(join(tmpdir(), 'wsn-outbox-'));
    const sql = (statement: string) => php(['-r', `(new PDO('sqlite:${data}/messages.sqlite'))->exec('${statement}');`]);
    try {
      await using example = await startExample(['--data', data]);
      await sql('ALTER TABLE outbox RENAME TO elsewhere');
      await example.running.waitFor(/worker: cannot look now for what waits: .*no such table/);
      await sql('ALTER TABLE elsewhere RENAME TO outbox');
      await example.killBroker();
      expect(await example.post({ channelId: '2', author: 'Anna', text: 'later' })).toMatchObject({ body: { isPublished: false } });
      await example.startBroker();
      await example.running.waitFor(/worker: published 1 /);
    } finally {
      await rm(data, { recursive: true });
    }
  });
}
