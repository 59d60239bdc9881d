import fc from 'fast-check';
import { it } from 'vitest';
import { Positions } from '../../src/client/positions.js';
import type { SubscribedTopic } from '../../src/protocol/index.js';

const TOPIC = { package: 'p', page: 'a' };

type Message =
  | (SubscribedTopic & { readonly kind: 'answer' })
  | { readonly kind: 'delivery'; readonly offset: number }
  | { readonly kind: 'mark'; readonly offset: number };

/** A broker with one topic that forgets nothing, and a client of it whose line is cut again and again. */
class Model {
  /** What the application was given, and what it should have been. */
  readonly given: number[] = [];
  readonly owed: number[] = [];
  readonly #positions = new Positions();
  /** Offsets of the topic that the client wants. */
  readonly #wanted: number[] = [];
  #head = 0;
  /** What is on its way, behind what has arrived. */
  #wire: Message[] = [];
  /** Whether the client has no answer on this line. */
  #isFirst = true;

  publish(isWanted: boolean): void {
    this.#head++;
    if (!isWanted) return;
    this.#wanted.push(this.#head);
    this.owed.push(this.#head);
    this.#wire.push({ kind: 'delivery', offset: this.#head });
  }

  mark(): void {
    this.#wire.push({ kind: 'mark', offset: this.#head });
  }

  /** The line breaks after so many messages of what is on its way, and the client asks on another one. */
  reconnect(arrived: number): void {
    this.arrive(arrived);
    this.#wire = [];
    this.#isFirst = true;
    if (!this.#positions.last(TOPIC)) this.owed.length = 0; // it begins only now
    this.ask();
  }

  /** The client sends a set, with where it is to go on as long as it has no answer. */
  ask(): void {
    const topic = { ...TOPIC, epoch: 'k', offset: this.#head };
    const from = this.#isFirst ? this.#positions.last(TOPIC)?.offset : undefined;
    const replay = from === undefined ? [] : this.#wanted.filter((offset) => offset > from);
    const resumed = from === undefined ? {} : { recovered: true, replayed: replay.length };
    this.#wire.push({ kind: 'answer', ...topic, ...resumed });
    for (const offset of replay) this.#wire.push({ kind: 'delivery', offset });
  }

  arrive(count: number): void {
    for (const message of this.#wire.splice(0, count)) {
      if (message.kind === 'mark') this.#positions.mark([{ ...TOPIC, epoch: 'k', offset: message.offset }]);
      else if (message.kind === 'delivery') this.#deliver(message.offset);
      else {
        this.#positions.restart([message], this.#isFirst);
        this.#isFirst = false;
      }
    }
  }

  #deliver(offset: number): void {
    if (this.#positions.advance(TOPIC, { epoch: 'k', offset }) !== 'repeat') this.given.push(offset);
  }
}

it('is told everything once and in order, wherever lines break, sets are replaced and marks come (R-5.4 to R-5.6)', () => {
  const commands = fc.array(
    fc.oneof(
      fc.record({ what: fc.constant('publish' as const), count: fc.nat(1) }),
      fc.record({ what: fc.constantFrom('reconnect' as const, 'arrive' as const), count: fc.nat(6) }),
      fc.record({ what: fc.constantFrom('mark' as const, 'ask' as const), count: fc.constant(0) }),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(commands, (steps) => {
      const model = new Model();
      model.reconnect(0);
      for (const { what, count } of steps) {
        if (what === 'publish') model.publish(count === 1);
        else model[what](count);
      }
      model.arrive(Number.POSITIVE_INFINITY);
      if (model.given.join() !== model.owed.join()) throw new Error(`given ${model.given}, owed ${model.owed}`);
    }),
    { numRuns: 2000 },
  );
});
