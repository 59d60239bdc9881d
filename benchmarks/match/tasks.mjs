/**
 * What `match.mjs` measures: each task runs in a process of its own, with `--expose-gc`, and returns plain figures. Times
 * are of the process's CPU where they are long, for other work on the machine shall not count.
 */
import { matches } from '../../dist/src/protocol/index.js';
import { Registry } from '../../dist/src/server/registry/registry.js';
import { median, percentile } from '../lib/statistics.mjs';
import { BESIDE, GRANTED, HOSTILE } from './cases.mjs';
import { barePeer, bytesInUse, channelLists, cpuNow, dice, parsedSet, TOPIC } from './world.mjs';

/** Holds subscriptions of three channels each; returns what one costs to keep, to add and to remove, and how long a message takes. */
export function hold({ peers, each, pool }) {
  const list = channelLists(pool ?? Number.POSITIVE_INFINITY);
  const registry = new Registry();
  const all = Array.from({ length: peers }, barePeer);
  const before = bytesInUse();
  const messages = [];
  let adding = 0;
  // Many at a time, for to read the CPU's clock takes as long as to add one subscription.
  const batch = Math.ceil(1000 / each);
  for (let first = 0; first < peers; first += batch) {
    const comers = all.slice(first, first + batch).map((peer) => ({ peer, set: parsedSet(Array.from({ length: each }, list)) }));
    const start = cpuNow();
    for (const { peer, set } of comers) {
      const begun = performance.now();
      registry.replace(peer, set);
      messages.push(performance.now() - begun);
    }
    adding += cpuNow() - start;
  }
  const bytes = bytesInUse() - before;
  const { groups } = registry.stats;
  const start = cpuNow();
  for (const peer of all) registry.remove(peer);
  const removing = cpuNow() - start;
  if (registry.stats.topics !== 0) throw new Error('found something left in the registry; expected nothing');
  const count = peers * each;
  return {
    groups,
    bytes: bytes / count,
    addUs: (adding * 1000) / count,
    removeUs: (removing * 1000) / count,
    p50Ms: median(messages),
    p99Ms: percentile(messages, 0.99),
  };
}

/** The index beside the definition: `count` peers with a subscription each, of which a notification matches `matching`. */
export function compare({ count, matching, budgetMs }) {
  const pool = Math.max(3, Math.round((3 * count) / matching));
  const list = channelLists(pool, dice(2));
  const registry = new Registry();
  const sets = Array.from({ length: count }, () => parsedSet([list()]));
  const before = bytesInUse();
  for (const set of sets) registry.replace(barePeer(), set);
  const bytes = (bytesInUse() - before) / count;
  const draw = channelLists(pool, dice(3));
  const notifications = Array.from({ length: 1000 }, () => ({ ...TOPIC, filters: { values: { channel: draw().values.channel[0] } } }));
  const index = timed(budgetMs, (turn) => peersIn(registry.find(notifications[turn % 1000])));
  const definition = timed(budgetMs, (turn) => {
    let found = 0;
    for (const [subscription] of sets) if (matches(subscription, notifications[turn % 1000])) found++;
    return found;
  });
  const { candidatesPerMatch } = registry.stats;
  return { pool, bytes, indexUs: index.us, matched: index.mean, definitionUs: definition.us, candidatesPerMatch };
}

/** Peers of the same set share a group, so there may be many more of them than of groups. */
function peersIn(groups) {
  let peers = 0;
  for (const { size } of groups) peers += size;
  return peers;
}

/**
 * Ten peers that match, beside few and beside many others of the same topic that do not: the two are looked up in turn,
 * slice by slice, so that whatever else the machine does meets both.
 */
export function beside({ at, counts, budgetMs }) {
  const { wanting, others, given } = BESIDE[at];
  const notification = { ...TOPIC, filters: given };
  const registries = counts.map((count) => {
    const registry = new Registry();
    for (let index = 0; index < 10; index++) registry.replace(barePeer(), parsedSet(fill(wanting, `${index}`)));
    for (let index = 0; index < count; index++) registry.replace(barePeer(), parsedSet(fill(others, `other ${index}`)));
    if (registry.find(notification).length !== 10) throw new Error('expected to find the 10 peers that match');
    return registry;
  });
  globalThis.gc();
  const slices = Array.from({ length: 21 }, () =>
    registries.map((registry) => timed(budgetMs / 20, () => registry.find(notification).length).us),
  );
  const [few, many] = counts.map((_, which) => median(slices.map((slice) => slice[which])));
  const ratio = median(slices.map(([one, other]) => other / one));
  return { few, many, ratio, candidatesPerMatch: registries[1].stats.candidatesPerMatch };
}

/** The same peers with grants and without, looked up in turn; returns what a look-up costs, and what a peer keeps. */
export function granted({ at, count, budgetMs }) {
  const { plain, granted, given } = GRANTED[at];
  const notification = { ...TOPIC, filters: given };
  const sides = [plain, granted].map((side) => {
    const before = bytesInUse();
    const registry = new Registry();
    const come = (wanted, grants, value) => {
      const mayHear = side.grants ?? grants;
      registry.replace(barePeer(mayHear ? parsedSet(fill(mayHear, value)) : 'all'), parsedSet(fill(wanted, value)));
    };
    for (let index = 0; index < 10; index++) come(side.wanting, side.wantingGrants, `${index}`);
    for (let index = 0; index < count; index++) come(side.others, side.othersGrants, `other ${index}`);
    const found = registry.find(notification).length;
    if (found !== 10) throw new Error(`found ${found} peers; expected the 10 that match`);
    return { registry, bytes: (bytesInUse() - before) / count };
  });
  const slices = Array.from({ length: 21 }, () =>
    sides.map(({ registry }) => timed(budgetMs / 20, () => registry.find(notification).length).us),
  );
  const [plainUs, grantedUs] = sides.map((_, which) => median(slices.map((slice) => slice[which])));
  const [plainBytes, grantedBytes] = sides.map(({ bytes }) => bytes);
  const { candidatesPerMatch } = sides[1].registry.stats;
  return { plainUs, grantedUs, ratio: median(slices.map(([one, other]) => other / one)), candidatesPerMatch, plainBytes, grantedBytes };
}

/** All peers come, and vanish at once in an order that has nothing to do with the one in which they came. */
export function vanish({ peers, shape }) {
  const next = dice(5);
  const sets = {
    'one shared set': () => [{ values: '2' }],
    'a set each': (peer) => [{ values: ['2', `own ${peer}`] }],
    '100 subscriptions each': (peer) =>
      Array.from({ length: 100 }, (_, at) => ({ values: { channel: [`${peer % 100}`, `${peer}-${at}`] } })),
  };
  const registry = new Registry();
  const all = Array.from({ length: peers }, barePeer);
  for (const [index, peer] of all.entries()) registry.replace(peer, parsedSet(sets[shape](index)));
  all.sort(() => next() - 0.5);
  const start = cpuNow();
  for (const peer of all) registry.remove(peer);
  const us = ((cpuNow() - start) * 1000) / peers;
  if (registry.stats.topics !== 0) throw new Error('found something left in the registry; expected nothing');
  return { us };
}

/** What one message can cost at worst: the time of the whole set, of one look-up, and of taking the set away. */
export function hostile({ at }) {
  const { filters, given, given2, peers = 1 } = HOSTILE[at];
  const registry = new Registry();
  const all = Array.from({ length: peers }, barePeer);
  const sets = all.map(() => parsedSet(filters));
  const steps = { before: bytesInUse(), adding: 0 };
  for (const [index, peer] of all.entries()) {
    const start = performance.now();
    registry.replace(peer, sets[index]);
    steps.adding = Math.max(steps.adding, performance.now() - start);
  }
  const bytes = bytesInUse() - steps.before;
  const find = (sought) =>
    sought === undefined ? Number.NaN : timed(200, () => registry.find({ ...TOPIC, filters: sought }).length).us / 1000;
  const [findMs, longMs] = [find(given), find(given2)];
  const start = performance.now();
  for (const peer of all) registry.remove(peer);
  return { addMs: steps.adding, findMs, longMs, removeMs: (performance.now() - start) / peers, bytes: bytes / peers };
}

function fill(template, value) {
  return JSON.parse(JSON.stringify(template).replaceAll('"#"', JSON.stringify(value)));
}

/** Runs `work` for about so long; returns its mean time in microseconds and the mean of what it returned. */
function timed(budgetMs, work) {
  for (let turn = 0, until = performance.now() + budgetMs / 4; turn < 5000 && performance.now() < until; turn++) work(turn);
  let turns = 0;
  let sum = 0;
  const start = cpuNow();
  const until = performance.now() + budgetMs;
  while (turns === 0 || performance.now() < until) for (let batch = 0; batch < 10; batch++) sum += work(turns++);
  return { us: ((cpuNow() - start) * 1000) / turns, mean: sum / turns };
}
