import process from 'node:process';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LogEvents } from '../../../src/server/log/log-writer.js';
import type { LogOptions } from '../../../src/server/log/open-log.js';
import type { LogRecord } from '../../../src/server/log/record.js';
import { type Action, action, actionWithDisk } from './actions.js';
import { FakeLog } from './fake-log.js';
import type { Model, ModelLimits, Tally } from './model.js';
import { World } from './world.js';

/** The disk of the run that is under way. */
const current = vi.hoisted(() => ({ disk: undefined as FakeLog | undefined }));

vi.mock('../../../src/protocol/limits.js', async (original) => {
  const { LIMITS } = await original<typeof import('../../../src/protocol/limits.js')>();
  const { MOST_REPLAYED } = await import('./past.js');
  return { LIMITS: { ...LIMITS, replayNotifications: MOST_REPLAYED } };
});

vi.mock('../../../src/server/log/open-log.js', () => ({
  openLog: async (_: LogOptions, events: LogEvents, read: (record: LogRecord, sequence: number) => void) =>
    (current.disk as FakeLog).open(events, read),
}));

const RUNS = Number(process.env.FC_RUNS ?? (process.env.CI ? 2500 : 500));

/** What a failure prints, to see it again: `FC_SEED=… FC_PATH=… FC_REPLAY=… npx vitest run test/server/recovery`. */
const { FC_SEED, FC_PATH, FC_REPLAY } = process.env;

/** What the model counts. */
const WHAT_HAPPENS = [
  'nothing missed',
  'replayed',
  'another epoch',
  'trimmed',
  'too many',
  'too large',
  'arrived',
  'not arrived',
  'rewound',
  'rewound, complete',
  'mark',
  'reset',
  'forgotten',
  'duplicate',
];

const limits: fc.Arbitrary<ModelLimits> = fc.record({
  historyNotifications: fc.integer({ min: 1, max: 12 }),
  historyAgeMs: fc.oneof(fc.integer({ min: 20, max: 200 }), fc.integer({ min: 2000, max: 5000 })),
  historyBytes: fc.integer({ min: 2000, max: 20_000 }),
  maxReplayBytes: fc.integer({ min: 100, max: 2500 }),
});

class Command implements fc.AsyncCommand<Model, World> {
  readonly #action: Action;

  constructor(one: Action) {
    this.#action = one;
  }

  check(): boolean {
    return true;
  }

  run(_: Model, world: World): Promise<void> {
    return world.run(this.#action);
  }

  toString(): string {
    return JSON.stringify(this.#action);
  }
}

/** Runs a broker and its model side by side; `newDisk` for one with a log on disk. @returns what has happened, and how often. */
async function compare(actions: fc.Arbitrary<Action>, newDisk: () => FakeLog | undefined): Promise<Tally> {
  const tally: Tally = {};
  const commands = fc.commands([actions.map((one) => new Command(one))], {
    maxCommands: 80,
    size: 'max',
    ...(FC_REPLAY === undefined ? {} : { replayPath: FC_REPLAY }),
  });
  await fc.assert(
    fc.asyncProperty(limits, fc.boolean(), commands, async (bounds, isEager, all) => {
      vi.clearAllTimers();
      current.disk = newDisk();
      const world = new World({ limits: bounds, isEager, disk: current.disk, tally });
      await world.open();
      await fc.asyncModelRun(() => ({ model: world.model, real: world }), all);
      await world.run({ kind: 'commit', count: Number.POSITIVE_INFINITY });
      world.turn();
    }),
    {
      numRuns: RUNS,
      ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
      ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
    },
  );
  return tally;
}

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] }),
);
afterEach(() => void vi.useRealTimers());

/** All of it has really happened, if there were runs enough for that. */
function expectAll(tally: Tally): void {
  if (RUNS >= 2500 && FC_PATH === undefined) expect(Object.keys(tally)).toEqual(expect.arrayContaining(WHAT_HAPPENS));
}

test('whatever is published, cut, resumed, trimmed, forgotten and restarted, every client hears what the model says, and nothing else (R-5.4, R-5.5, R-5.6, R-5.8)', async () => {
  expectAll(await compare(action, () => undefined));
}, 240_000);

test('the same of a broker with a log on disk, however late that commits, whatever of it survives, and when it is full (R-5.4, R-5.6, R-5.7, R-5.8)', async () => {
  expectAll(await compare(actionWithDisk, () => new FakeLog()));
}, 240_000);
