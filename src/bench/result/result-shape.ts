import { flag, integer, listOf, mapOf, nullable, number, oneOf, optional, record, text } from '../../document/index.js';
import { buckets, COUNTS, count, distribution, known, measured, mishap } from './figure-shapes.js';
import { recoveryShape } from './recovery-shape.js';
import { settingsShape } from './settings-shape.js';

const publisherKind = oneOf('The kind of publishers', ['persistent', 'ephemeral', 'http']);

const connections = record('Of the subscribers', {
  wanted: count('How many were asked for'),
  connected: count('How many connected'),
  ready: count('How many got a canary: what they subscribe to is in force'),
  failed: mishap('Could not connect, or were not served'),
  disconnected: mishap('Ended before the run did, though the generator did not end them; hostile ones are not counted'),
  hostile: listOf(
    'Subscribers that behave badly',
    record('Those of one kind', {
      kind: oneOf('How they behave', ['slow', 'never', 'half-open', 'reconnecting']),
      count: count('How many there are'),
      droppedByBroker: count('How often the broker ended a connection of theirs'),
    }),
  ),
  memoryBytesEach: known('Memory of the generator a subscriber, in bytes'),
});

const notifications = record('Of the notifications', {
  planned: count('In the hold; for arrivals `max`, which plan nothing, what was sent'),
  sent: count('In the hold'),
  warmUp: count('In the warm-up, which do not count'),
  late: count('Left late, of those of the hold'),
  perSecond: known('Sent a second'),
  refused: mishap('Refused by the broker'),
  unknown: mishap('May have been taken or not: the connection broke before the answer'),
  unanswered: count('Never answered, on connections that stood'),
  http: nullable(
    record('With HTTP publishers', {
      statusCodes: mapOf('Answers by status code', count('Answers')),
      perSecond: known('Requests a second'),
      errors: count('Requests without an answer'),
    }),
  ),
});

const timeline = record('The hold and what follows it, in slices of equal length by the time of receipt', {
  sliceMs: number('Length of a slice'),
  slices: listOf(
    'In order of time',
    record('A slice', {
      atMs: number('Its beginning, from the start of the hold'),
      sent: count('Notifications sent'),
      delivered: count('Deliveries received'),
      connected: count('Subscribers that are connected at its end'),
      loopDelayMs: number('Longest delay of an event loop of the generator'),
      p50Ms: known('Median of the latencies'),
      p99Ms: known('99th percentile of the latencies'),
      maxMs: known('Highest of the latencies'),
      buckets: buckets('Latencies of what came in it'),
    }),
  ),
});

const generator = record('How the generator itself fared in the hold', {
  isValid: flag('Whether no limit was passed'),
  checks: listOf(
    'Each limit, always in the same order',
    record('One limit', {
      limit: oneOf('Its name', ['lateShare', 'loopDelayMs', 'busyShare', 'cpuShare', 'gcPauseMs', 'backlogMs']),
      measured: known('What was measured'),
      bound: number('The limit'),
      isPast: flag('Whether it was passed'),
      advice: text('What to change when it was'),
    }),
  ),
  cpuUsPerDelivery: known('CPU of the generator, of all its threads, in µs a delivery'),
});

const regression = record('How the run compares with another', {
  baseline: record('The other run', {
    startedAt: text('When it was made, ISO 8601'),
    version: text('Of wsn'),
    latencyMs: measured('Its latencies'),
  }),
  rules: listOf(
    'What was compared',
    record('One rule', {
      rule: text('As it was written'),
      before: known('Of the other run'),
      now: known('Of this run'),
      unit: text('Of both'),
      changePercent: known('How much more it is now'),
      margin: known('How far apart the two may be by chance, in the same unit'),
      isRegression: flag('Whether it is past both the percentage and the margin'),
    }),
  ),
});

/** What `--json` prints and `--save` keeps, as `BenchResult` describes it. */
export const resultShape = record('What a run of wsn bench came to', {
  format: oneOf('The version of this document', ['wsn-bench/1']),
  verdict: oneOf('What it came to', ['passed', 'failed', 'regressed', 'invalid', 'aborted']),
  because: listOf('Why it is not `passed`, most important first', text('A sentence')),
  version: text('Of wsn'),
  startedAt: text('ISO 8601'),
  machine: record('Where the generator ran', {
    cores: count('Cores'),
    cpu: text('Their model'),
    memoryBytes: count('Memory'),
    node: text('Version of Node'),
    platform: text('Operating system and architecture'),
  }),
  url: text('Of the broker'),
  settings: settingsShape,
  used: record('What was used of what the settings left open', {
    publishers: publisherKind,
    subprotocol: nullable(text('What the broker selected')),
    sourceAddresses: count('From how many addresses connections were made'),
  }),
  phasesMs: record('How long each phase took', {
    ramp: number('Connecting, until all are ready'),
    'warm-up': number('The warm-up'),
    hold: number('The hold'),
    drain: number('The drain'),
  }),
  connections,
  notifications,
  deliveries: record('Of the notifications that were planned in the hold', { ...COUNTS, perSecond: known('Deliveries a second') }),
  warmUpDeliveries: record('Of the notifications of the warm-up, which do not count', COUNTS),
  recovery: optional(recoveryShape),
  faultyChannels: listOf(
    'The channels in which something was wrong, the worst 100 first',
    record('One channel', { ...COUNTS, channel: count('Its number') }),
  ),
  latencyMs: measured('From the planned moment to the receipt by one subscriber'),
  latenessMs: distribution('From the planned moment to when the generator sent it'),
  fanOutMs: record('From the planned moment of a notification until so many of its receivers had got it', {
    first: distribution('The first'),
    median: distribution('Half of them'),
    p99: distribution('99 % of them'),
    last: distribution('All of them'),
  }),
  slowest: listOf(
    'The five slowest deliveries, slowest first',
    record('One delivery', {
      latencyMs: number('Its latency'),
      notification: count('Number of the notification'),
      channel: count('Its channel'),
      subscriber: count('Number of the subscriber'),
      plannedMs: number('When it was planned, from the start of the hold'),
    }),
  ),
  timeline,
  generator,
  thresholds: listOf(
    'What was demanded',
    record('One threshold', {
      threshold: text('As it was written'),
      isImplied: flag('Whether it holds without being written'),
      measured: known('In the unit; null: no data, which never passes'),
      unit: text('Of the measured value'),
      isPassed: flag('Whether it held'),
    }),
  ),
  regression: nullable(regression),
  notes: listOf('What a reader should know and what is no failure', text('A sentence')),
});

/** Where the published schema keeps the shape of a result. */
export const RESULT_REF = { $ref: '#/$defs/result' };

/** What `--find-max` prints, as `FindMaxResult` describes it. */
export const findMaxShape = record('What a search for the highest rate that holds came to', {
  format: oneOf('The version of this document', ['wsn-bench-find-max/1']),
  goal: listOf('The thresholds that a rate had to keep', text('As it was written')),
  highestRate: known('Notifications a second; null when not even the lowest that was tried held'),
  limitedBy: oneOf('What keeps it from being higher', ['broker', 'generator', 'bound', 'interrupted']),
  trials: listOf(
    'In the order in which they were made',
    record('One run', {
      rate: number('Notifications a second'),
      outcome: oneOf('What it came to', ['held', 'missed', 'invalid']),
      because: nullable(text('Which threshold or limit was missed')),
      p50Ms: known('Median of its latencies'),
      p99Ms: known('99th percentile of its latencies'),
      lost: integer('Deliveries that were lost', { least: 0 }),
    }),
  ),
  best: nullable({ ...resultShape, schema: () => RESULT_REF }),
});
