import { integer, listOf, nullable, number, oneOf, optional, record } from '../../document/index.js';
import { tagged } from './tagged.js';

const count = (about: string) => integer(about, { least: 0 });
const share = (about: string) => number(about, { least: 0, most: 1 });
const rate = number('Notifications a second', { least: 0 });

function spread(about: string) {
  return tagged(about, {
    uniform: record('Each alike', { kind: oneOf('Uniform', ['uniform']) }),
    zipf: record('The k-th with weight 1 / k^exponent', { kind: oneOf('Zipf', ['zipf']), exponent: number('The exponent', { least: 0 }) }),
  });
}

const arrivals = tagged('When notifications are planned', {
  constant: record('At equal distances', { kind: oneOf('Constant', ['constant']), rate }),
  poisson: record('At random, each independent of the others', { kind: oneOf('Poisson', ['poisson']), rate }),
  ramp: record('From one rate to the other over the hold', { kind: oneOf('Ramp', ['ramp']), from: rate, to: rate }),
  steps: record('In equal parts of the hold', { kind: oneOf('Steps', ['steps']), rates: listOf('The rates, in order', rate) }),
  max: record('As fast as subscribers receive', { kind: oneOf('Max', ['max']), window: count('Notifications ahead of what was received') }),
});

const hostile = record('Parts of the subscribers that behave badly', {
  slow: share('That read about 10 KB a second'),
  never: share('That do not read'),
  'half-open': share('That read, but answer nothing'),
  reconnecting: share('That break their line off each second'),
});

const ms = (about: string) => number(`${about}, in ms`, { least: 0 });

const TIMES = {
  firstMs: ms('When it happened first, from the start of the hold'),
  everyMs: nullable(ms('From one time to the next; null: it happened once')),
  forMs: ms('Until those who were hit came back, or the broker was started again'),
};

const fault = tagged('Something that was broken', {
  cut: record('Lines ended at once', {
    kind: oneOf('Cut', ['cut']),
    ...TIMES,
    share: share('Part of the subscribers that are not hostile'),
  }),
  'half-open': record('They neither read nor answered, and were given up then', {
    kind: oneOf('Half-open', ['half-open']),
    ...TIMES,
    share: share('Part of the subscribers that are not hostile'),
  }),
  restart: record('The broker was ended and started again', {
    kind: oneOf('Restart', ['restart']),
    ...TIMES,
    signal: oneOf('What it was sent', ['SIGKILL', 'SIGTERM']),
  }),
});

const load = record('What was asked of the broker', {
  subscribers: count('Connections that subscribe, hostile ones too'),
  channels: count('Channels'),
  spread: spread('How subscribers choose their channels'),
  traffic: spread('How notifications choose their channels'),
  subscriptions: count('Subscriptions a subscriber'),
  protocol: oneOf('What subprotocol is offered', ['auto', 'base', 'v1']),
  connect: record('How connections are made', {
    rate: nullable(number('New connections a second; null: as fast as the other bound allows', { least: 0 })),
    inFlight: count('Handshakes under way at the same time'),
  }),
  publishers: record('Who publishes', {
    kind: oneOf('The kind of publishers', ['auto', 'persistent', 'ephemeral', 'http']),
    connections: nullable(count('Their connections; ephemeral ones: how many may be open at once; null: chosen by the kind')),
  }),
  arrivals,
  sizeBytes: count('Bytes of a notification'),
  phases: record('How long the phases may take, in ms', {
    readyMs: count('Until all subscribers are ready'),
    warmUpMs: count('The warm-up, which does not count'),
    holdMs: count('The hold, which counts'),
    drainMs: count('How long deliveries may fail to come until they count as lost'),
  }),
  hostile,
  faults: optional(listOf('What was broken in the hold', fault)),
  seed: integer('What makes the run repeatable', { least: Number.MIN_SAFE_INTEGER }),
});

const limits = record('What the generator might at most be held up by', {
  lateShare: share('Part of the notifications of the hold that may leave late'),
  loopDelayMs: number('Longest delay of an event loop', { least: 0 }),
  busyShare: share('Part of the hold that a receiving thread may be busy'),
  cpuShare: share('Part of all cores that the generator may use'),
  gcPauseMs: number('Longest pause for garbage collection', { least: 0 }),
  backlogMs: number('Median of what waits unread in the kernel, as the time in which it was sent', { least: 0 }),
});

/** What the shape of a result says of the settings of the run. */
export const settingsShape = record('What the run was asked to do: runs with other settings are not compared', {
  load,
  limits,
  workers: count('Threads that receive'),
});
