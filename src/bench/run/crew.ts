import { BenchError } from '../bench-error.js';
import type { Profile } from '../load/load.js';
import { FaultLedger } from '../record/fault-ledger.js';
import { resumesTogether } from '../record/resume-outcome.js';
import { PUBLISHER } from '../record/thread-log.js';
import { together } from '../result/mishap.js';
import type { Mishap } from '../result/result.js';
import type {
  FromPublisher,
  FromReceiver,
  HostileOutcome,
  ReceiverData,
  Stall,
  ThreadData,
  ToPublisher,
  ToReceiver,
} from '../traffic/messages.js';
import { Thread } from '../traffic/thread.js';
import type { Way, Ways } from '../way.js';
import type { Observer } from './observer.js';
import type { Plan } from './plan-run.js';
import type { Ended } from './summary.js';

/** What threads are started with, beside settings and plan. */
export interface CrewOptions {
  readonly sourceAddresses: readonly string[];
  readonly stall: (Stall & { readonly thread: string }) | undefined;
  readonly observer: Observer;
}

type CrewSettings = Profile & { readonly url: string; readonly ways?: Ways | undefined };

const PUBLISHER_FILE = new URL('../traffic/publisher-thread.js', import.meta.url);
const RECEIVER_FILE = new URL('../traffic/receiver-thread.js', import.meta.url);

type Receiver = Thread<ToReceiver, FromReceiver>;

/** The threads of a run: one publishes, the others receive. Disposal ends them and their connections at once. */
export class Crew implements AsyncDisposable {
  readonly #publisher: Thread<ToPublisher, FromPublisher>;
  readonly #startReceivers: () => readonly Receiver[];
  readonly #observer: Observer;
  #receivers: readonly Receiver[] = [];

  constructor({ load, workers, url, ways = {} }: CrewSettings, plan: Plan, { sourceAddresses, stall, observer }: CrewOptions) {
    this.#observer = observer;
    const { run, board, workload } = plan;
    const data = (thread: string): ThreadData => ({
      url,
      way: wayOf(ways, thread),
      run,
      load,
      board,
      workload,
      sourceAddresses,
      tickMs: observer.tickMs,
      stall: stall?.thread === thread ? stall : null,
    });
    this.#publisher = new Thread(PUBLISHER_FILE, data(PUBLISHER), (message) => observer.heardPublisher(message));
    this.#startReceivers = () =>
      Array.from({ length: workers }, (_, receiver) => {
        const name = `receiver ${receiver}`;
        const own: ReceiverData = { ...data(name), receiver, receivers: workers };
        return new Thread(RECEIVER_FILE, own, (message: FromReceiver) => observer.heardReceiver(name, message));
      });
  }

  /** Of the publisher: notifications that are not answered yet. */
  get unanswered(): number {
    return this.#observer.unanswered;
  }

  /** The publisher is ready, and the broker takes its notifications. @throws BenchError when it does not. */
  async opened(): Promise<Extract<FromPublisher, { kind: 'opened' }>> {
    const message = await this.#publisher.next('opened', 'failed');
    if (message.kind === 'opened') return message;
    throw new BenchError(message.error.kind, message.error.message);
  }

  /** Starts the receivers, which connect nobody yet. */
  async started(): Promise<void> {
    this.#receivers = this.#startReceivers();
    await this.#all('started');
  }

  /** Lets the receivers connect their subscribers, and waits until all were tried. */
  async connected(): Promise<Omit<Extract<FromReceiver, { kind: 'connected' }>, 'kind'>> {
    const all = await this.#ask({ kind: 'connect' }, 'connected');
    return {
      failed: together(all.map(({ failed }) => failed)),
      isUnreachable: all.some(({ isUnreachable }) => isUnreachable),
      subprotocol: all.find(({ subprotocol }) => subprotocol !== null)?.subprotocol ?? null,
      hostilePorts: all.flatMap(({ hostilePorts }) => hostilePorts),
    };
  }

  /** Who has not heard a canary of this round, and canaries of which channels would reach them. */
  async silent(round: number): Promise<Omit<Extract<FromReceiver, { kind: 'silent' }>, 'kind'>> {
    const all = await this.#ask({ kind: 'who-is-silent', round }, 'silent');
    return {
      subscribers: all.reduce((sum, { subscribers }) => sum + subscribers, 0),
      channels: [...new Set(all.flatMap(({ channels }) => channels))],
      why: all.find(({ why }) => why !== null)?.why ?? null,
    };
  }

  /** Sends a canary to each of these channels. @returns those that the broker did not take. */
  async sendCanaries(round: number, channels: readonly number[]): Promise<Mishap> {
    const sent = this.#publisher.next('canaries-sent');
    this.#publisher.tell({ kind: 'canaries', round, channels });
    return (await sent).refused;
  }

  async settle(): Promise<void> {
    await this.#ask({ kind: 'settle' }, 'settled');
  }

  /** The load begins at the moment that the board says. */
  async begin(): Promise<void> {
    await this.#ask({ kind: 'begin' }, 'begun');
    this.#publisher.tell({ kind: 'begin' });
  }

  stopSending(): void {
    this.#publisher.tell({ kind: 'stop' });
  }

  /** The publisher has sent all, or can send no more. @throws Error when any thread has ended: what it had received is lost. */
  sentAll(): Promise<Extract<FromPublisher, { kind: 'sent-all' }>> {
    return Promise.race([this.#publisher.next('sent-all'), ...this.#receivers.map(({ failed }) => failed)]);
  }

  /** The load is over: nothing is broken any more. */
  calm(): void {
    for (const receiver of this.#receivers) receiver.tell({ kind: 'calm' });
  }

  /** Collects what only the threads know, and lets them say goodbye. */
  async finish(): Promise<Ended> {
    const all = await this.#ask({ kind: 'finish' }, 'finished');
    const published = this.#publisher.next('finished');
    this.#publisher.tell({ kind: 'finish' });
    const { http } = await published;
    await Promise.all(this.#threads.map((thread) => thread.ended()));
    const faults = new FaultLedger();
    for (const receiver of all) faults.addAll(receiver.faults);
    return {
      http,
      faults: faults.all,
      slowest: all.flatMap(({ slowest }) => slowest),
      disconnected: together(all.map(({ disconnected }) => disconnected)),
      hostile: hostileTogether(all.flatMap(({ hostile }) => hostile)),
      resumes: resumesTogether(all.map(({ resumes }) => resumes)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread[Symbol.asyncDispose]()));
  }

  get #threads() {
    return [this.#publisher, ...this.#receivers];
  }

  async #ask<K extends FromReceiver['kind']>(message: ToReceiver, answer: K): Promise<readonly Extract<FromReceiver, { kind: K }>[]> {
    const answers = this.#all(answer);
    for (const receiver of this.#receivers) receiver.tell(message);
    return await answers;
  }

  #all<K extends FromReceiver['kind']>(kind: K): Promise<readonly Extract<FromReceiver, { kind: K }>[]> {
    return Promise.all(this.#receivers.map((receiver) => receiver.next(kind)));
  }
}

function hostileTogether(all: readonly HostileOutcome[]): readonly HostileOutcome[] {
  const outcomes = new Map<string, HostileOutcome>();
  for (const { kind, count, droppedByBroker } of all) {
    const before = outcomes.get(kind);
    outcomes.set(kind, { kind, count: count + (before?.count ?? 0), droppedByBroker: droppedByBroker + (before?.droppedByBroker ?? 0) });
  }
  return [...outcomes.values()];
}

function wayOf({ subscribers, publishers, tls }: Ways, thread: string): Way {
  return { headers: (thread === PUBLISHER ? publishers : subscribers) ?? {}, tls };
}
