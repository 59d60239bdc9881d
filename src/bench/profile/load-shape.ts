import {
  converted,
  duration,
  either,
  type Infer,
  integer,
  listOf,
  nullable,
  number,
  oneOf,
  optional,
  record,
} from '../../document/index.js';
import { share, size } from './amount-shapes.js';
import { ARRIVALS, spread } from './arrivals-shape.js';
import { FAULTS } from './faults-shape.js';
import { THRESHOLD } from './threshold-shape.js';

const PUBLISHER = oneOf('What sends: auto is persistent where the broker speaks wsn.v1, else ephemeral', [
  'auto',
  'persistent',
  'ephemeral',
  'http',
]);

const PUBLISHERS = converted(
  either('What sends', {
    scalar: PUBLISHER,
    map: record('What sends, and how many', {
      kind: optional(PUBLISHER),
      connections: optional(integer('Connections that send; of ephemeral ones, how many at the same time', { least: 1, most: 10_000 })),
    }),
  }),
  (found) => (typeof found === 'string' ? { kind: found } : found),
);

const LIMITS = record('Past one of them the generator itself was too slow, and the run is invalid', {
  lateShare: optional(share('Part of the notifications that may leave late')),
  loopDelay: optional(duration('Longest delay of an event loop')),
  busyShare: optional(share('Part of the time that a thread may be busy')),
  cpuShare: optional(share('Part of all cores that the generator may use')),
  gcPause: optional(duration('Longest pause for garbage collection')),
  backlog: optional(duration('What may wait unread in the kernel, as the time in which it was sent')),
});

/** A load in a file, every member of which may be left out; durations in ms, sizes in bytes, shares from 0 to 1. */
export const LOAD_SHAPE = record('A load, and how it is judged', {
  subscribers: optional(integer('Connections that subscribe', { least: 1, most: 200_000 })),
  channels: optional(integer('Channels that are subscribed to and published to', { least: 1, most: 100_000 })),
  spread: optional(spread('How subscribers choose their channels')),
  traffic: optional(spread('How notifications choose theirs')),
  subscriptions: optional(integer('Subscriptions a subscriber, each to another channel', { least: 1, most: 1000 })),
  protocol: optional(oneOf('What subscribers speak: auto takes wsn.v1 where the broker has it', ['auto', 'base', 'v1'])),
  connect: optional(
    record('How connections are opened', {
      rate: optional(nullable(number('New ones a second; null: as fast as inFlight allows', { least: 0.1, most: 100_000 }))),
      inFlight: optional(integer('Handshakes under way at the same time', { least: 1, most: 10_000 })),
    }),
  ),
  publishers: optional(PUBLISHERS),
  arrivals: optional(ARRIVALS),
  size: optional(size('Bytes of a notification')),
  phases: optional(
    record('How long each part of the run is', {
      ready: optional(duration('How long subscribers may take to become ready, once connected', { least: 1 })),
      warmUp: optional(duration('Load before the hold, checked but not measured')),
      hold: optional(duration('What is measured', { least: 10 })),
      drain: optional(duration('How long deliveries may fail to come until they count as lost', { least: 1 })),
    }),
  ),
  hostile: optional(
    record('Parts of the subscribers that behave badly', {
      slow: optional(share('Read about 10 KB a second', 0.9)),
      never: optional(share('Do not read', 0.9)),
      'half-open': optional(share('Answer nothing, as a phone that has gone to sleep', 0.9)),
      reconnecting: optional(share('Break off each second and come back', 0.9)),
    }),
  ),
  faults: optional(FAULTS),
  seed: optional(integer('The same seed gives the same run', { least: 0, most: 2 ** 32 - 1 })),
  thresholds: optional(listOf('What has to hold', THRESHOLD)),
  limits: optional(LIMITS),
  workers: optional(integer('Threads that receive', { least: 1, most: 64 })),
});

/** A load as far as a file, the environment or a command line gives it. */
export type LoadPart = Infer<typeof LOAD_SHAPE>;
