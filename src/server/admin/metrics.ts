import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BrokerStats } from '../broker.js';

/** One number of the broker, as Prometheus asks for it. */
interface Metric {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  /** Undefined where the broker has no such thing. */
  readonly of: (stats: BrokerStats) => number | undefined;
}

const counter = (name: string, help: string, of: Metric['of']): Metric => ({ kind: 'counter', name, help, of });
const gauge = (name: string, help: string, of: Metric['of']): Metric => ({ kind: 'gauge', name, help, of });

const METRICS: readonly Metric[] = [
  gauge('wsn_connections', 'Connections that are open or closing', (stats) => stats.peers),
  counter('wsn_connections_opened_total', 'Handshakes that became connections', (stats) => stats.connections),
  counter('wsn_handshakes_refused_total', 'Handshakes that were refused', (stats) => stats.turnedAway),
  counter('wsn_notifications_published_total', 'Notifications that were accepted', (stats) => stats.published),
  counter('wsn_notifications_repeated_total', 'Publications whose key had brought them before', (stats) => stats.repeated),
  counter('wsn_notifications_delivered_total', 'Notifications handed to outboxes, one for each receiver', (stats) => stats.delivered),
  counter('wsn_messages_refused_total', 'Messages that the protocol refused', (stats) => stats.refused),
  counter('wsn_schema_misfits_total', 'Notifications whose data did not fit the schema of their topic', (stats) => stats.misfits),
  counter('wsn_slow_readers_dropped_total', 'Peers destroyed because they took too little', (stats) => stats.tooSlow),
  counter('wsn_silent_peers_dropped_total', 'Peers destroyed because they gave no sign of life', (stats) => stats.silent),
  gauge('wsn_subscribed_topics', 'Topics to which somebody subscribes', (stats) => stats.registry.topics),
  gauge('wsn_topic_subscriptions', 'Topics to which a peer subscribes, over all peers', (stats) => stats.registry.memberships),
  gauge('wsn_history_notifications', 'Notifications that are kept for who comes back', (stats) => stats.history.notifications),
  gauge('wsn_history_bytes', 'What they take, in bytes', (stats) => stats.history.bytes),
  gauge('wsn_log_bytes', 'What the log takes on disk', (stats) => stats.log?.bytes),
  gauge('wsn_log_topics', 'Topics that stand in the log on disk', (stats) => stats.log?.topics),
  gauge('wsn_log_writable', '1 while notifications can be logged, else 0', (stats) => stats.log && Number(stats.log.isWritable)),
  gauge(
    'wsn_certificate_expiry_timestamp_seconds',
    'When the first certificate of the chain in use ends, in seconds since 1970',
    (stats) => (stats.certificateExpiresAt === undefined ? undefined : stats.certificateExpiresAt / 1000),
  ),
];

/** One for all brokers of the process, for there is one process, and what watches it never ends. */
let ofProcess: Registry | undefined;

function processRegistry(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}

/** What a broker can be asked by Prometheus: its own numbers, and those of its process (`process_…`, `nodejs_…`). */
export class Metrics {
  readonly #registry = new Registry();

  /** @param stats are read each time somebody asks, and never between. */
  constructor(stats: () => BrokerStats) {
    for (const { kind, name, help, of } of METRICS) {
      if (of(stats()) === undefined) continue;
      const common = { name, help, registers: [this.#registry] };
      if (kind === 'gauge') {
        new Gauge({
          ...common,
          collect() {
            this.set(of(stats()) ?? 0);
          },
        });
      } else {
        new Counter({
          ...common,
          // The broker counts by itself; this counter only tells.
          collect() {
            this.reset();
            this.inc(of(stats()) ?? 0);
          },
        });
      }
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of them, in the text format of Prometheus. */
  async text(): Promise<string> {
    const texts = await Promise.all([this.#registry.metrics(), processRegistry().metrics()]);
    return texts.join('\n');
  }
}
