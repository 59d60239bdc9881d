import { expect } from 'vitest';
import { WebSocket } from 'ws';
import type { Subscription } from '../../../src/protocol/index.js';
import { type CutLine, startCutLine } from '../../support/cut-line.js';
import { type Client, createClient } from '../../support/one-set-client.js';

/** A notification as its publisher knows it. */
export interface Published {
  readonly page: string;
  readonly value: string;
  /** Its number among all. */
  readonly data: number;
}

/** The client library at the end of a line that breaks, what its application has to hear, and what it hears. */
export class Listener implements AsyncDisposable {
  readonly #line: CutLine;
  readonly #client: Client;
  readonly #heard: Published[] = [];
  readonly #due: Published[] = [];
  readonly #lost: string[] = [];
  #set: readonly Subscription[] = [];
  /** All that was ever published, and how much of that was there when the client was told last where a page stands. */
  readonly #all: Published[] = [];
  #told = new Map<string, number>();
  #isCut = false;
  /** Whether something may have been on its way when the line was cut. */
  #isTorn = false;

  constructor(line: CutLine) {
    this.#line = line;
    this.#client = createClient({
      url: line.url,
      WebSocket,
      backoff: { initialMs: 1, maxMs: 2 },
      onNotification: ({ notification: { page, filters, data } }) =>
        this.#heard.push({ page, value: (filters as { v: string }).v, data: data as number }),
      onReset: (topics) => this.#lost.push(...topics.map(({ page }) => page)),
    });
  }

  /** Something was published, and acknowledged. */
  published(one: Published): void {
    this.#all.push(one);
    if (this.#isCut || !this.#wants(one)) return;
    this.#due.push(one);
    this.#told.set(one.page, this.#all.length);
  }

  /** Wants another set. What is on its way to the old one must not be asked for in vain, so it has to come first. */
  async subscribe(set: readonly Subscription[]): Promise<void> {
    if (this.#isCut && this.#isTorn) return;
    await this.settled();
    this.#set = set;
    const answer = this.#client.subscribe(set);
    if (this.#isCut) answer.catch(() => {});
    else await this.#acknowledged(answer);
  }

  /** @param isTorn whether it is cut in the middle of what is on its way. */
  async cut(isTorn: boolean): Promise<void> {
    if (this.#isCut) return;
    if (!isTorn) await this.settled();
    this.#line.cut();
    this.#isTorn = isTorn;
    this.#isCut = true;
  }

  /** @param bytes after which the line breaks again, most often in the middle of what is replayed. */
  async mend(bytes: number): Promise<void> {
    if (!this.#isCut) return;
    // Of a page that it knew: what came since, also what the set before this one did not want.
    const isMissed = ({ page }: Published, index: number) => index >= (this.#told.get(page) ?? Number.POSITIVE_INFINITY);
    this.#due.push(...this.#all.filter((one, index) => isMissed(one, index) && this.#wants(one)));
    this.#isCut = false;
    this.#line.cutAfter(bytes);
    this.#line.mend();
    await this.#acknowledged(this.#client.subscribe(this.#set));
    // It must not break later: where pages stood that the set does not want would then depend on when it came back.
    this.#line.cutAfter(Number.POSITIVE_INFINITY);
    await this.settled();
  }

  /** All that is due has come, each topic in its order, and nothing else. */
  async settled(): Promise<void> {
    if (this.#isCut) return;
    await this.#arrived();
    expect(byPage(this.#heard)).toEqual(byPage(this.#due));
    expect(this.#lost).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    await this.#line[Symbol.asyncDispose]();
  }

  /** The set is in force, and the client knows where its pages stand. */
  async #acknowledged(answer: Promise<unknown>): Promise<void> {
    await answer;
    this.#told = new Map(this.#set.map(({ page }) => [page, this.#all.length]));
  }

  /** As soon as it is so, for this is asked thousands of times. */
  async #arrived(): Promise<void> {
    const deadline = Date.now() + 5000;
    while (this.#heard.length < this.#due.length && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  #wants({ page, value }: Published): boolean {
    return this.#set.some(({ page: of, filters }) => {
      const wanted = (filters as { v?: string | string[] } | undefined)?.v;
      return of === page && (wanted === undefined || wanted === value || wanted.includes(value));
    });
  }
}

/** Connects a client to the broker at `port` through a line of its own. */
export async function openListener(port: number): Promise<Listener> {
  return new Listener(await startCutLine(port));
}

/** Topics are told one after the other in a replay: only within each is there an order. */
function byPage(all: readonly Published[]): readonly Published[] {
  return [...all].sort((one, other) => (one.page < other.page ? -1 : one.page > other.page ? 1 : 0));
}
