import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../../src/protocol/index.js';
import { Authentication } from '../../../src/server/authenticate.js';
import type { Authenticator, Identity } from '../../../src/server/identity/identity.js';
import { askInForce } from '../../../src/server/identity/in-force.js';
import { SILENT } from '../../../src/server/observe.js';
import type { Subscriber } from '../../../src/server/subscribe.js';
import { Suspension } from '../../../src/server/suspension.js';
import { FakePeer } from '../fake-peer.js';

/** Authenticators by their names, of which the first is in force until another is. */
class Force {
  #name = 'first';
  readonly #byName = new Map<string, Authenticator>();
  /** Whoever was asked, in order. */
  readonly asked: string[] = [];
  readonly answers: ((identity: Identity | Error) => void)[] = [];

  readonly current = (): Authenticator => this.#named(this.#name);

  replaceBy(name: string): void {
    this.#name = name;
  }

  get name(): string {
    return this.#name;
  }

  #named(name: string): Authenticator {
    const known = this.#byName.get(name);
    if (known) return known;
    const verify = (): Promise<Identity> => {
      this.asked.push(name);
      return new Promise((resolve, reject) => {
        this.answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve({ ...answer, id: `sub:${name}` })));
      });
    };
    const authenticator = { isOn: true, verify } as unknown as Authenticator;
    this.#byName.set(name, authenticator);
    return authenticator;
  }
}

const IDENTITY: Identity = { id: 'sub:5', kind: 'token', access: { subscribe: [], publish: [] }, expiresAt: undefined };
const REFUSED = new ProtocolError('unauthenticated', 'no');

/** Asks, and notes what is called back, with who is in force then. */
function asking(force: Force, isWanted = (): boolean => true): string[] {
  const said: string[] = [];
  askInForce(force.current, (authenticator) => authenticator.verify('t', { address: '', headers: {}, rawHeaders: [], url: '' }), {
    found: ({ id }) => said.push(`found ${id} while ${force.name}`),
    failed: (error) => said.push(`${(error as Error).message} while ${force.name}`),
    isWanted,
  });
  return said;
}

const macrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('who is asked while authenticators change', () => {
  test('is called back at once by one that answers at once, with what it says or throws', () => {
    const said: unknown[] = [];
    const then = { found: (answer: unknown) => said.push(answer), failed: (error: unknown) => said.push(error), isWanted: () => true };
    askInForce(new Force().current, () => 5, then);
    askInForce(
      new Force().current,
      () => {
        throw REFUSED;
      },
      then,
    );
    expect(said).toEqual([5, REFUSED]);
  });

  test.each([
    ['what it found', IDENTITY],
    ['its refusal', REFUSED],
  ])('answers for itself alone: %s counts nothing once it is replaced, and the next is asked (R-7.2)', async (_, answer) => {
    const force = new Force();
    const said = asking(force);
    force.replaceBy('second');
    force.answers[0]?.(answer);
    await macrotask();
    expect(said).toEqual([]);
    force.answers[1]?.(IDENTITY);
    await macrotask();
    expect(said).toEqual(['found sub:second while second']);
    expect(force.asked).toEqual(['first', 'second']);
  });

  test.each([
    ['what it found', IDENTITY],
    ['its refusal', REFUSED],
  ])('does not ask the next for somebody who has gone: %s (R-7.2)', async (_, answer) => {
    const force = new Force();
    const said = asking(force, () => false);
    force.replaceBy('second');
    force.answers[0]?.(answer);
    await macrotask();
    expect(said).toEqual(['whoever asked has gone while second']);
    expect(force.asked).toEqual(['first']);
  });

  test.each([
    ['at once', 5],
    ['later', Promise.resolve(5)],
  ])('fails by what its caller throws, %s', async (_, answer) => {
    const failures: unknown[] = [];
    const found = (): void => {
      throw REFUSED;
    };
    askInForce(new Force().current, () => answer, { found, failed: (error) => failures.push(error), isWanted: () => true });
    await macrotask();
    expect(failures).toEqual([REFUSED]);
  });

  test.each(Array.from({ length: 12 }, (_, turns) => [turns]))(
    'is never outrun by one that comes in force %i microtasks later',
    async (turns) => {
      const force = new Force();
      const became: string[] = [];
      const suspension = new Suspension({ began() {}, over() {}, failed: (error) => became.push(String(error)) });
      const peer = Object.assign(new FakePeer('c1', 'v1'), {
        suspend: suspension.begin.bind(suspension),
        become: ({ id }: Identity) => became.push(`${id} while ${force.name}`),
      });
      const subscriber = { regrant() {} } as unknown as Subscriber;
      const authentication = new Authentication({ authenticator: force.current, subscriber, log: SILENT });
      authentication.take(peer, { kind: 'authenticate', token: 't' }, () => {});
      force.answers[0]?.(IDENTITY);
      for (let turn = 0; turn < turns; turn++) await undefined;
      force.replaceBy('second');
      await macrotask();
      force.answers[1]?.(IDENTITY);
      await macrotask();
      expect(['sub:first while first', 'sub:second while second']).toContain(became[0]);
      expect(became).toHaveLength(1);
    },
  );
});
