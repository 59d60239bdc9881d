import { type Bucket, isOne, putInto, sizeOf, takeFrom } from './bucket.js';
import type { Posting } from './posting.js';
import { WideMap } from './wide-map.js';

/** What a posting waits for: the form of a scalar (`null` has its own), any scalar, or anything that is present. */
export type BucketKey = string | null | typeof ANY_SCALAR | typeof ANY_PRESENT;

export const ANY_SCALAR = Symbol('any scalar');
export const ANY_PRESENT = Symbol('any present value');

/**
 * One place in the trie of filter names: what subscriptions want of the value that a notification has there. A scalar
 * meets what is wanted of it at its own place and everywhere below (R-3.2 row 7).
 *
 * A posting therefore stands in the buckets of its node and of every ancestor but the root. Only a value that nobody
 * else under the same top name wants stands in the top node's bucket alone, and `within` tells whether its place is
 * below: of 3 million different values each is in one map, once, however deep it is wanted.
 */
export class Node {
  readonly #parent: Node | undefined;
  readonly #name: string;
  /** The ancestor right below the root: that of the first name. The root's is itself. */
  readonly #top: Node;
  /** How many postings have their place here. */
  #postings = 0;
  #values: WideMap<Bucket> | undefined;
  children: Map<string, Node> | undefined;
  /** Who waits for any scalar here: also all wildcards below. */
  anyScalar: Bucket | undefined;
  /** Who waits for anything here. */
  anyPresent: Bucket | undefined;

  constructor(parent?: Node, name = '') {
    this.#parent = parent;
    this.#name = name;
    this.#top = parent && parent.#parent !== undefined ? parent.#top : this;
  }

  get isEmpty(): boolean {
    return this.#postings === 0 && !this.children;
  }

  /** The filter names that lead here from the root. */
  get path(): readonly string[] {
    const names: string[] = [];
    for (let node: Node = this; node.#parent; node = node.#parent) names.unshift(node.#name);
    return names;
  }

  /** The node below, made if it is not there; whoever asks has a posting to put there. */
  child(name: string): Node {
    this.children ??= new Map();
    let child = this.children.get(name);
    if (!child) {
      child = new Node(this, name);
      this.children.set(name, child);
    }
    return child;
  }

  /** Puts a posting that has its place here where those who look for any of its keys come across it. */
  post(posting: Posting): void {
    this.#postings++;
    for (const key of posting.keys) {
      if (typeof key === 'symbol') this.#postWildcard(key, posting);
      else this.#top.#postValue(key, posting);
    }
  }

  /** Takes a posting that has its place here out again, and every node that only led to it. */
  withdraw(posting: Posting): void {
    this.#postings--;
    for (const key of posting.keys) {
      if (typeof key === 'symbol') this.#withdrawWildcard(key, posting);
      else this.#top.#withdrawValue(key, posting);
    }
    this.#prune();
  }

  /** Who waits for the scalar of this form, here or below; beside these there is `anyScalar`. */
  waitingFor(form: string | null): Bucket | undefined {
    const found = this.#top.#values?.get(form);
    if (found === undefined || this.#top === this) return found;
    if (!isOne(found)) return this.#values?.get(form);
    return found.node.#isWithin(this) ? found : undefined;
  }

  /** How many postings somebody who looks for `key` comes across. */
  crowd(key: BucketKey): number {
    if (typeof key === 'symbol') return sizeOf(this.anyScalar) + sizeOf(this.anyPresent);
    return sizeOf(this.waitingFor(key));
  }

  /** Those above this node, but for the root. */
  *#ancestors(): Generator<Node> {
    for (let node: Node = this; node !== this.#top; ) {
      node = node.#parent as Node;
      yield node;
    }
  }

  #isWithin(other: Node): boolean {
    for (let node: Node | undefined = this; node; node = node.#parent) if (node === other) return true;
    return false;
  }

  #postWildcard(key: symbol, posting: Posting): void {
    if (key === ANY_PRESENT) this.anyPresent = putInto(this.anyPresent, posting);
    else this.anyScalar = putInto(this.anyScalar, posting);
    for (const node of this.#ancestors()) node.anyScalar = putInto(node.anyScalar, posting);
  }

  #withdrawWildcard(key: symbol, posting: Posting): void {
    if (key === ANY_PRESENT) this.anyPresent = takeFrom(this.anyPresent, posting);
    else this.anyScalar = takeFrom(this.anyScalar, posting);
    for (const node of this.#ancestors()) node.anyScalar = takeFrom(node.anyScalar, posting);
  }

  /** At the top. */
  #postValue(key: string | null, posting: Posting): void {
    const found = this.#putValue(key, posting);
    if (found === undefined) return;
    if (isOne(found)) found.node.#spread(key, found);
    posting.node.#spread(key, posting);
  }

  /** At the top. */
  #withdrawValue(key: string | null, posting: Posting): void {
    const left = this.#takeValue(key, posting);
    if (left === undefined) return;
    posting.node.#gather(key, posting);
    if (isOne(left)) left.node.#gather(key, left);
  }

  /** Puts what stands at the top into the buckets here and between as well. */
  #spread(key: string | null, posting: Posting): void {
    for (let node: Node = this; node !== this.#top; node = node.#parent as Node) node.#putValue(key, posting);
  }

  #gather(key: string | null, posting: Posting): void {
    for (let node: Node = this; node !== this.#top; node = node.#parent as Node) node.#takeValue(key, posting);
  }

  /** @returns the bucket that there was; when it held several postings it is the same, with one more. */
  #putValue(key: string | null, posting: Posting): Bucket | undefined {
    this.#values ??= new WideMap();
    const found = this.#values.get(key);
    const bucket = putInto(found, posting);
    if (bucket !== found) this.#values.set(key, bucket);
    return found;
  }

  /** @returns the bucket that is left. */
  #takeValue(key: string | null, posting: Posting): Bucket | undefined {
    const values = this.#values as WideMap<Bucket>;
    const found = values.get(key);
    const bucket = takeFrom(found, posting);
    if (bucket === undefined) values.delete(key);
    else if (bucket !== found) values.set(key, bucket);
    if (values.size === 0) this.#values = undefined;
    return bucket;
  }

  #prune(): void {
    if (!this.isEmpty || !this.#parent) return;
    const { children } = this.#parent;
    children?.delete(this.#name);
    if (children?.size === 0) this.#parent.children = undefined;
    this.#parent.#prune();
  }
}
