import { Bucket } from './bucket.js';

/** A bucket of a node: the form of a scalar (`null` has its own), any scalar at all, or anything that is present. */
export type BucketKey = string | null | typeof ANY_SCALAR | typeof ANY_PRESENT;

export const ANY_SCALAR = Symbol('any scalar');
export const ANY_PRESENT = Symbol('any present value');

/** One place in the trie of filter names: what subscriptions want of the value that a notification has there. */
export class Node {
  readonly #parent: Node | undefined;
  readonly #name: string;
  children: Map<string, Node> | undefined;
  values: Map<string | null, Bucket> | undefined;
  anyScalar: Bucket | undefined;
  anyPresent: Bucket | undefined;

  constructor(parent?: Node, name = '') {
    this.#parent = parent;
    this.#name = name;
  }

  get isEmpty(): boolean {
    return !this.children && !this.values && !this.anyScalar && !this.anyPresent;
  }

  /** The node below, made if it is not there. */
  child(name: string): Node {
    this.children ??= new Map();
    let child = this.children.get(name);
    if (!child) {
      child = new Node(this, name);
      this.children.set(name, child);
    }
    return child;
  }

  bucket(key: BucketKey): Bucket | undefined {
    if (key === ANY_PRESENT) return this.anyPresent;
    if (key === ANY_SCALAR) return this.anyScalar;
    return this.values?.get(key);
  }

  /** The bucket for `key`, made if it is not there. */
  openBucket(key: BucketKey): Bucket {
    const found = this.bucket(key);
    if (found) return found;
    const bucket = new Bucket();
    if (key === ANY_PRESENT) this.anyPresent = bucket;
    else if (key === ANY_SCALAR) this.anyScalar = bucket;
    else {
      this.values ??= new Map();
      this.values.set(key, bucket);
    }
    return bucket;
  }

  /** Forgets an empty bucket, and with it every node that only led there. */
  closeBucket(key: BucketKey): void {
    if (key === ANY_PRESENT) this.anyPresent = undefined;
    else if (key === ANY_SCALAR) this.anyScalar = undefined;
    else {
      this.values?.delete(key);
      if (this.values?.size === 0) this.values = undefined;
    }
    if (this.isEmpty) this.#parent?.removeChild(this.#name);
  }

  removeChild(name: string): void {
    this.children?.delete(name);
    if (this.children?.size === 0) this.children = undefined;
    if (this.isEmpty) this.#parent?.removeChild(this.#name);
  }
}
