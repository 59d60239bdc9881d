import { countValues, type ErrorCode, type Position, ProtocolError, type Topic } from '../../protocol/index.js';
import type { Entry } from '../entry.js';
import type { History, Standing } from '../history.js';
import type { Keys } from '../keys.js';
import type { LogWriter } from '../log/log-writer.js';
import { openLog } from '../log/open-log.js';
import type { BrokerOptions } from '../options.js';
import { type DiskTopic, nameBytesOf } from './disk-topic.js';
import { DiskTopics } from './disk-topics.js';
import { DiskWatch } from './disk-watch.js';
import { firstEpoch, newEpoch, newGeneration } from './epochs.js';
import type { Downstream, Draft, Feed, LogStats, Outcome } from './feed.js';
import { Restore } from './restore.js';
import { TopicRoom } from './topic-room.js';
import { Trimming } from './trimming.js';

/** What of the broker's options a log on disk obeys. */
export type DiskOptions = Pick<BrokerOptions, 'durability' | 'dataBytes' | 'historyAgeMs' | 'log'> & { readonly data: string };

/** Beyond this, who publishes waits: no more than one turn of the event loop may hand to the flusher. */
const MOST_PENDING_BYTES = 256 * 1024;

interface DiskParts {
  readonly history: History;
  readonly keys: Keys;
  readonly downstream: Downstream;
}

/** Appended, and not committed. */
interface Pending {
  readonly sequence: number;
  readonly entry: Entry;
  readonly settled: (outcome: Outcome) => void;
}

/**
 * A feed that keeps all in a log on disk: an entry is on its way when it is as durable there as the options promise, so
 * nobody is told of anything that a restart could take back.
 */
export class DiskFeed implements Feed {
  readonly #options: DiskOptions;
  readonly #parts: DiskParts;
  #writer: LogWriter | undefined;
  #trimming: Trimming | undefined;
  #topics = new DiskTopics();
  #generation = newGeneration();
  #pending: Pending[] = [];
  /** Why the log takes nothing. */
  #trouble: string | undefined;
  readonly #watch: DiskWatch;
  #room: TopicRoom;

  constructor(options: DiskOptions, parts: DiskParts) {
    this.#options = options;
    this.#parts = parts;
    this.#watch = new DiskWatch({ firstPending: this.#firstPending, folder: options.data, log: options.log });
    this.#room = this.#roomFor(this.#topics);
  }

  get isBehind(): boolean {
    return (this.#writer?.pendingBytes ?? 0) > MOST_PENDING_BYTES;
  }

  get trouble(): string | undefined {
    return this.#trouble ?? this.#watch.trouble ?? this.#room.trouble;
  }

  get stats(): LogStats {
    const isWritable = this.#trouble === undefined && this.#watch.trouble === undefined;
    return { bytes: this.#writer?.bytes ?? 0, topics: this.#topics.size, isWritable };
  }

  /** @throws LogError, LogInUseError. */
  async open(): Promise<void> {
    const { data: folder, durability, dataBytes, historyAgeMs, log } = this.#options;
    const { history, keys } = this.#parts;
    const restore = new Restore({ history, keys, historyAgeMs });
    const startedAt = performance.now();
    const { writer, damage } = await openLog(
      { folder, durability, log, segmentBytes: segmentBytesOf(dataBytes), contradiction: () => restore.contradiction },
      {
        committed: (sequence) => this.#committed(sequence),
        failed: (because) => this.#failed(because),
        recovered: () => this.#recovered(),
      },
      (record, sequence) => restore.take(record, sequence),
    );
    this.#writer = writer;
    if (damage === undefined) this.#restored(restore);
    else {
      history.clear();
      keys.clear();
    }
    if (damage !== undefined || restore.generation === undefined) this.#writeGeneration(this.#generation);
    this.#trimming = new Trimming(writer, {
      maxBytes: dataBytes,
      history,
      topics: this.#topics,
      hasKeys: keys.size > 0,
      firstPending: this.#firstPending,
      carry: (topic) => this.#name(topic),
      generation: (hasForgotten) => this.#writeGeneration(hasForgotten ? newGeneration() : this.#generation),
    });
    const { notifications } = history.stats;
    const milliseconds = Math.round(performance.now() - startedAt);
    log.info({ folder, durability, topics: this.#topics.size, notifications, milliseconds }, 'log opened');
  }

  head(topic: Topic): Position {
    const { epoch, offset } = this.#parts.history.standing(topic) ?? this.#open(topic);
    return { epoch, offset };
  }

  append(draft: Draft, settled: (outcome: Outcome) => void): void {
    const writer = this.#writer;
    if (!writer?.isWritable) {
      settled(unavailable());
      return;
    }
    const found = this.#topics.get(draft.topic);
    if (!found && !this.#room.takes(draft.topic)) {
      settled(failure('unavailable', 'the log has no room for another topic; try again later'));
      return;
    }
    const standing = this.#parts.history.standing(draft.topic) ?? this.#open(draft.topic);
    const { topic } = standing;
    const known = found ?? this.#add(standing);
    if (writer.segment() !== known.namedIn) this.#name(known);
    const { filters, payload, key } = draft;
    const values = countValues(filters);
    const offset = known.offset + 1;
    const sequence = writer.append({ kind: 'notification', topicId: known.id, offset, at: Date.now(), values, key, payload });
    if (sequence === 0) {
      settled(unavailable());
      return;
    }
    known.offset = offset;
    known.lastSequence = sequence;
    if (key) this.#trimming?.keyed(known.namedIn);
    const position = { epoch: known.epoch, offset };
    this.#pending.push({ sequence, entry: { topic, filters, values, payload, position, at: performance.now(), sequence }, settled });
    this.#watch.begin();
  }

  sweep(): void {
    this.#trimming?.sweep();
    this.#room.look();
  }

  async close(): Promise<void> {
    await this.#writer?.close();
    this.#watch.stop();
    this.#refuseAll();
  }

  readonly #firstPending = (): number | undefined => this.#pending[0]?.sequence;

  #roomFor(topics: DiskTopics): TopicRoom {
    const { data: folder, dataBytes: maxBytes, log } = this.#options;
    return new TopicRoom({ topics, maxBytes, folder, log, full: () => this.#beginSegment() });
  }

  #restored(restore: Restore): void {
    restore.finish();
    this.#topics = restore.topics;
    this.#room = this.#roomFor(restore.topics);
    this.#generation = restore.generation ?? this.#generation;
  }

  /** Of a topic that the log has not forgotten the life goes on. */
  #open(topic: Topic): Standing {
    const known = this.#topics.get(topic);
    const standing: Standing = known
      ? { topic: known.topic, epoch: known.epoch, offset: known.committed }
      : { topic, epoch: firstEpoch(this.#generation, topic), offset: 0 };
    this.#parts.history.open(standing.topic, standing);
    return standing;
  }

  /** A topic that is open, and to which nothing has been published yet. */
  #add({ topic, epoch }: Standing): DiskTopic {
    const id = this.#topics.newId();
    const added = { id, topic, nameBytes: nameBytesOf(topic), epoch, offset: 0, committed: 0, namedIn: 0, lastSequence: 0 };
    this.#topics.add(added);
    return added;
  }

  /** Writes down where a topic stands. */
  #name(known: DiskTopic): void {
    const writer = this.#writer as LogWriter;
    const { id: topicId, topic, epoch, offset, heard } = known;
    known.namedIn = writer.segment();
    known.lastSequence = writer.append({ kind: 'topic', topicId, topic, position: { epoch, offset }, heard });
  }

  /** What has been written until now can be trimmed then. */
  #beginSegment(): void {
    this.#writer?.roll();
    this.#writeGeneration(this.#generation);
  }

  /** Forgotten topics that come back must not come back in the epoch that they had: so there are generations. */
  #writeGeneration(generation: Buffer): number {
    this.#generation = generation;
    return (this.#writer as LogWriter).append({ kind: 'generation', generation });
  }

  #committed(sequence: number): void {
    this.#trimming?.committed(sequence);
    const pending = this.#pending;
    let count = 0;
    while (count < pending.length && (pending[count] as Pending).sequence <= sequence) count++;
    if (count > 0) this.#watch.moved();
    for (const { entry, settled } of pending.splice(0, count)) {
      // One that fails must not keep the others from their receipts.
      const outcome = this.#guarded(() => this.#deliver(entry)) ?? failure('internal', 'the broker failed on this notification');
      this.#guarded(() => settled(outcome));
    }
  }

  #guarded<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#options.log.error({ err: error }, 'a notification from the log provoked a bug');
      return undefined;
    }
  }

  /** A fan-out that fails half-way leaves nobody knowing who got the entry: then the topic's continuity is lost, and said so. */
  #deliver(entry: Entry): Outcome {
    const { history, downstream } = this.#parts;
    const { topic, position } = entry;
    const known = this.#topics.get(topic) as DiskTopic;
    // Appended before that, and in the epoch that has ended.
    if (known.epoch !== position.epoch) return failure('internal', 'the broker failed on the notification before this one');
    if (history.head(topic)?.offset !== known.committed) history.open(topic, { epoch: known.epoch, offset: known.committed });
    known.committed = position.offset;
    try {
      history.add(entry);
      return { kind: 'appended', position, matched: downstream.deliver(entry) };
    } catch (error) {
      Object.assign(known, { epoch: newEpoch(), heard: position.offset - 1, offset: 0, committed: 0 });
      this.#name(known);
      const beginning = { epoch: known.epoch, offset: 0 };
      history.open(topic, beginning);
      downstream.reset(topic, beginning, error);
      return failure('internal', 'the broker failed on this notification');
    }
  }

  #failed(because: string): void {
    this.#trouble = because;
    this.#options.log.error({ folder: this.#options.data, because }, 'the log cannot be written: publishers are refused');
    this.#trimming?.failed();
    this.#refuseAll();
  }

  #recovered(): void {
    this.#trouble = undefined;
    this.#options.log.warn({ folder: this.#options.data }, 'the log can be written again');
    // Before publishers take the room that there is.
    this.#trimming?.sweep();
  }

  /** Nothing that is pending will be in the log. */
  #refuseAll(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#watch.moved();
    for (const known of this.#topics.values()) {
      known.offset = known.committed;
      // The last of its records may be gone: who trims has to write it down again.
      known.lastSequence = 0;
    }
    for (const { settled } of pending) this.#guarded(() => settled(unavailable()));
  }
}

/** Small enough that a log is trimmed in many steps, large enough that there are few files. */
function segmentBytesOf(dataBytes: number): number {
  return Math.min(16 * 1024 * 1024, Math.max(1024 * 1024, Math.floor(dataBytes / 16)));
}

function unavailable(): Outcome {
  return failure('unavailable', 'the log cannot be written now; try again later');
}

function failure(code: ErrorCode, message: string): Outcome {
  return { kind: 'failed', error: new ProtocolError(code, message) };
}
