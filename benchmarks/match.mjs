/**
 * What the registry costs: the index beside the definition of a match, what a subscription keeps in memory, whether a
 * look-up notices those who want other things, what grants add, how peers go, and the worst that one message can do.
 *
 *   node benchmarks/match.mjs [--quick] [--rounds N]
 *
 * Nothing is sent. Every figure is measured in a process of its own; the table shows medians over rounds.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { printReport } from './lib/report.mjs';
import { isQuick, roundsFrom } from './lib/rounds.mjs';
import { median } from './lib/statistics.mjs';
import { BESIDE, GRANTED, HOSTILE } from './match/cases.mjs';

const quick = isQuick(process.argv);
const rounds = roundsFrom(process.argv);
const command = `npm run bench:match${quick ? ' -- --quick' : rounds === 3 ? '' : ` -- --rounds ${rounds}`}`;
const budgetMs = quick ? 50 : 500;

compareWithDefinition();
holdMany();
findBeside();
findGranted();
vanishAtOnce();
sendHostile();

function compareWithDefinition() {
  const rows = [];
  for (const count of quick ? [1000] : [1000, 10_000, 100_000, 1_000_000]) {
    for (const [label, matching] of [
      ['selective', 10],
      ['1 %', count / 100],
      ['broad, 10 %', count / 10],
    ]) {
      if (label === '1 %' && matching <= 10) continue;
      const { matched, indexUs, definitionUs, candidatesPerMatch, bytes } = run('compare', { count, matching, budgetMs });
      rows.push([count, label, matched, indexUs, definitionUs, definitionUs / indexUs, candidatesPerMatch, bytes]);
    }
  }
  printReport({
    title: 'Index against definition',
    command,
    columns: [
      'subscriptions',
      'notification',
      'matches',
      'index µs',
      'definition µs',
      'times faster',
      'candidates a match',
      'bytes a subscription',
    ],
    rows,
    notes: ['A peer with one subscription for three channels each; the notification names one channel, drawn anew each time.'],
  });
}

function holdMany() {
  const scale = quick ? 0.01 : 1;
  const shapes = [
    ['1,000 peers of 1,000, all channels different', { peers: 1000 * scale, each: 1000 }],
    ['1,000 peers of 1,000, of 100,000 channels', { peers: 1000 * scale, each: 1000, pool: 100_000 * scale }],
    ['1,000,000 peers of 1, all channels different', { peers: 1_000_000 * scale, each: 1 }],
    ['1,000,000 peers of 1, of 100,000 channels', { peers: 1_000_000 * scale, each: 1, pool: 100_000 * scale }],
    ['1,000,000 peers of 1, of 100 channels', { peers: 1_000_000 * scale, each: 1, pool: 100 }],
  ];
  const rows = some(shapes).map(([label, shape]) => {
    const { groups, bytes, addUs, removeUs, p50Ms, p99Ms } = run('hold', shape);
    return [label, shape.peers * shape.each, groups, bytes, addUs, removeUs, p50Ms, p99Ms];
  });
  printReport({
    title: 'Subscriptions held, for three channels each, in one topic',
    command,
    columns: ['shape', 'subscriptions', 'groups', 'bytes each', 'µs to add', 'µs to remove', 'ms a message', 'p99'],
    rows,
    notes: ['Bytes: heap and external after a full collection, with groups, memberships and everything else that the registry keeps.'],
  });
}

function findBeside() {
  const [few, many] = quick ? [1000, 10_000] : [1000, 100_000];
  const rows = some(BESIDE).map(({ label }, at) => {
    const { few: one, many: other, ratio, candidatesPerMatch } = run('beside', { at, counts: [few, many], budgetMs });
    return [label, one, other, ratio, candidatesPerMatch];
  });
  printReport({
    title: 'Finding 10 peers beside others of the same topic',
    command,
    columns: [
      'wanted',
      `µs beside ${few.toLocaleString('en-US')}`,
      `µs beside ${many.toLocaleString('en-US')}`,
      'ratio',
      'candidates a match',
    ],
    rows,
  });
}

function findGranted() {
  const count = quick ? 1000 : 100_000;
  const rows = some(GRANTED).map(({ label }, at) => {
    const { plainUs, grantedUs, ratio, candidatesPerMatch, plainBytes, grantedBytes } = run('granted', { at, count, budgetMs });
    return [label, plainUs, grantedUs, ratio, candidatesPerMatch, plainBytes, grantedBytes];
  });
  printReport({
    title: `Finding 10 peers among ${count.toLocaleString('en-US')} under grants`,
    command,
    columns: [
      'wanted',
      'µs without grants',
      'µs under grants',
      'ratio',
      'candidates a match',
      'bytes a peer without',
      'bytes under grants',
    ],
    rows,
    notes: ['Without grants: the same peers are found because their subscriptions say what their grants would.'],
  });
}

function vanishAtOnce() {
  const [few, many] = quick ? [100, 1000] : [1000, 10_000];
  const rows = some(['one shared set', 'a set each', '100 subscriptions each']).map((shape) => {
    const one = run('vanish', { peers: few, shape });
    const other = run('vanish', { peers: many, shape });
    return [shape, one.us, other.us, other.us / one.us];
  });
  printReport({
    title: 'Peers that vanish at once',
    command,
    columns: ['sets', `µs a peer of ${few}`, `µs a peer of ${many}`, 'ratio'],
    rows,
    notes: ['A ratio of 1 is linear; caches and collections make it a little more.'],
  });
}

function sendHostile() {
  const rows = some(HOSTILE).map(({ label }, at) => {
    const { addMs, findMs, longMs, removeMs, bytes } = run('hostile', { at });
    return [label, addMs, findMs, longMs, removeMs, bytes / 1e6];
  });
  printReport({
    title: 'The worst that one set of subscriptions can do',
    command,
    columns: ['set', 'ms to add', 'ms a look-up', 'ms a look-up of 100,000 values', 'ms to remove', 'MB a peer'],
    rows,
    notes: ['Within the limits of the protocol: 1,000 subscriptions, 10,000 values, 8 levels.'],
  });
}

/** The first of them is enough to see that a task works. */
function some(cases) {
  return quick ? cases.slice(0, 1) : cases;
}

/** The medians of what a task returns. */
function run(name, parameters) {
  const script = fileURLToPath(new URL('match/run-task.mjs', import.meta.url));
  const flags = ['--expose-gc', '--max-old-space-size=8192', script, name, JSON.stringify(parameters)];
  const results = Array.from({ length: rounds }, () => JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' })));
  // JSON has no NaN: what was not measured comes as null.
  return Object.fromEntries(Object.keys(results[0]).map((key) => [key, median(results.map((result) => result[key] ?? Number.NaN))]));
}
