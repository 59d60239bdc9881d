import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { LostTopic } from '../../../src/client/index.js';
import type { Durability } from '../../../src/server/options.js';
import { type MortalBroker, startMortalBroker } from '../../support/mortal-broker.js';
import { type Client, createClient } from '../../support/one-set-client.js';
import { patiently } from '../../support/patiently.js';
import { readStored } from '../../support/stored.js';

/** `DAMAGE_ROUNDS=50` for the whole of it; rounds for each durability. */
const ROUNDS = Number(process.env.DAMAGE_ROUNDS ?? 2);

const TOPICS = ['a', 'b'].map((page) => ({ package: 'p', page }));
const EACH = 30;

/** What was done to a file, for the message of a failure. */
type Damage = string;

/** Cuts a file short or turns one of its bits, anywhere. */
async function damage(folder: string, isCut: boolean): Promise<Damage> {
  const files = (await readdir(folder, { withFileTypes: true })).filter((file) => file.isFile());
  const { name } = files[Math.floor(Math.random() * files.length)] as { name: string };
  const path = join(folder, name);
  const bytes = await readFile(path);
  const at = Math.floor(Math.random() * bytes.length);
  const bit = Math.floor(Math.random() * 8);
  if (isCut) await writeFile(path, bytes.subarray(0, at));
  else {
    bytes[at] = (bytes[at] as number) ^ (1 << bit);
    await writeFile(path, bytes);
  }
  return `${name}: ${isCut ? 'cut' : `bit ${bit} turned`} at byte ${at} of ${bytes.length}`;
}

/** An application and a publisher in one, and what it was told of what it may have missed. */
class Teller {
  readonly heard: string[] = [];
  readonly lost: LostTopic[] = [];
  readonly client: Client;
  /** What has been heard since the log was new. */
  #kept: string[] = [];
  #count = 0;

  constructor(url: string) {
    this.client = createClient({
      url,
      WebSocket,
      subscriptions: TOPICS,
      backoff: { initialMs: 5, maxMs: 50 },
      onNotification: ({ notification }) => {
        this.heard.push(notification.data as string);
        this.#kept.push(notification.data as string);
      },
      onReset: (topics) => this.lost.push(...topics),
    });
  }

  /** Nothing of before is in the log any more. */
  forget(): void {
    this.#kept = [];
  }

  /** The broker still has all that it had, unchanged. */
  async expectKept(url: string): Promise<void> {
    const kept: string[] = [];
    await using reader = createClient({ url, WebSocket, onNotification: ({ notification }) => kept.push(notification.data as string) });
    const topics = await reader.subscribe(TOPICS.map((topic) => ({ ...topic, rewind: 1000 })));
    const count = topics.reduce((sum, { rewound = 0 }) => sum + rewound, 0);
    await patiently(() => kept.length === count, 'what the broker has kept');
    expect(kept.sort()).toEqual(this.#kept.toSorted());
  }

  /** Publishes so many in each topic; each is acknowledged, and has been heard. */
  async publish(): Promise<void> {
    const before = this.heard.length;
    const receipts = TOPICS.flatMap((topic) =>
      Array.from({ length: EACH }, () => this.client.publish({ ...topic, data: `${++this.#count}` })),
    );
    await Promise.all(receipts);
    await patiently(() => this.heard.length === before + receipts.length, 'what was published');
  }
}

/** One round: damage after a kill, and a broker that starts in spite of it. @returns whether it spoke of damage. */
async function round(broker: MortalBroker, teller: Teller, isCut: boolean): Promise<boolean> {
  await teller.publish();
  const before = await teller.client.subscribe(TOPICS);
  await broker.kill();
  const done = await damage(broker.folder, isCut);
  await broker.start();
  const after = await teller.client.subscribe(TOPICS);
  const isSaid = broker.said.includes('the log is damaged');
  const areNew = after.map(({ epoch }, index) => epoch !== before[index]?.epoch);
  // Either it is damage, and said to everybody, or it has harmed nothing that was acknowledged.
  expect(areNew, done).toEqual(TOPICS.map(() => isSaid));
  if (isSaid) expect(teller.lost, done).toMatchObject(after.map(({ package: name, page, epoch }) => ({ package: name, page, epoch })));
  else {
    expect([after.map(({ offset }) => offset), teller.lost], done).toEqual([before.map(({ offset }) => offset), []]);
    await teller.expectKept(broker.url);
  }
  if (isSaid) teller.forget();
  teller.lost.splice(0);
  return isSaid;
}

test.each<Durability>(['batched', 'fsync'])(
  'a log that is %s and was cut or changed after a kill is found to be, and everybody is told: nothing is missing in silence (R-5.6)',
  async (durability) => {
    await using broker = await startMortalBroker(durability);
    const teller = new Teller(broker.url);
    await using _ = teller.client;
    let found = 0;
    for (let number = 0; number < ROUNDS; number++) if (await round(broker, teller, number % 2 === 0)) found++;
    await teller.publish();
    await teller.client.close();
    await broker.stop();
    // What was damaged lies beside the log, and the log is sound.
    const folders = (await readdir(broker.folder)).filter((name) => name.startsWith('damaged-'));
    expect(folders).toHaveLength(found);
    const stored = await readStored(broker.folder);
    expect(stored.slice(-2 * EACH).map(({ notification }) => notification.data)).toEqual(teller.heard.slice(-2 * EACH));
    if (process.env.DAMAGE_ROUNDS) process.stdout.write(`${JSON.stringify({ durability, rounds: ROUNDS, found })}\n`);
  },
  30_000 + ROUNDS * 10_000,
);
