/** What the benchmarks of the registry subscribe to and look up. */
export const TOPIC = { package: 'plant', page: 'line' };

/** Numbers from 0 to 1 that are the same in every run. */
export function dice(seed = 1) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A peer of which the registry needs nothing but its place and what it may hear.
 * @param {'all' | readonly object[]} subscribe
 */
export function barePeer(subscribe = 'all') {
  return { dialect: 'base', memberships: [], access: { subscribe, publish: [] } };
}

/**
 * A set of subscriptions as the broker gets it: read from the text of a message, so that no string is shared by chance.
 * @param {readonly object[]} filters of each subscription
 */
export function parsedSet(filters) {
  return JSON.parse(JSON.stringify(filters.map((wanted) => ({ ...TOPIC, filters: wanted }))));
}

/** `{"values":{"channel":[…]}}` with three channels drawn from a pool; from an endless pool all are different. */
export function channelLists(pool, next = dice()) {
  let fresh = 0;
  const name = (number) => `c${String(number).padStart(7, '0')}`;
  const draw = () => name(pool === Number.POSITIVE_INFINITY ? fresh++ : Math.floor(next() * pool));
  return () => ({ values: { channel: [draw(), draw(), draw()] } });
}

/** Bytes in use on the heap and beside it after a full collection; needs `--expose-gc`. */
export function bytesInUse() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** CPU time of this process in milliseconds. */
export function cpuNow() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
