import { targetOf } from '../../../../src/bench/target.js';
import type { PublisherContext } from '../../../../src/bench/traffic/publishers/publisher.js';

/** A notification of page `load` that nobody subscribes to. */
export const PROBE = '{"package":"bench","page":"probe"}';

/** A context that keeps what it is told, in order. */
export interface Recording extends PublisherContext {
  readonly sending: readonly number[];
  readonly acknowledged: readonly number[];
  readonly refused: ReadonlyMap<number, string>;
  readonly unknown: ReadonlyMap<number, string>;
  /** Aborts its signal. */
  abort(reason: Error): void;
  /** Resolves when this many notifications have been told of in one way or another. */
  settled(count: number): Promise<void>;
}

/** Notification `index` says which it is and is on channel `index % 4`. */
export function recording(url: string, given: Partial<PublisherContext> = {}): Recording {
  const controller = new AbortController();
  const bytes = Buffer.alloc(200);
  const sending: number[] = [];
  const acknowledged: number[] = [];
  const refused = new Map<number, string>();
  const unknown = new Map<number, string>();
  let wake = () => {};
  const told = () => acknowledged.length + refused.size + unknown.size;
  return {
    target: targetOf(url),
    connections: 1,
    protocol: 'auto',
    // One buffer for all, as a publisher has to expect it.
    notification: (index) => bytes.subarray(0, bytes.write(notificationText(index))),
    channelOf: (index) => index % 4,
    sourceAddresses: [],
    restarts: null,
    onUnsent: () => {},
    onCutOff: () => {},
    signal: controller.signal,
    ...given,
    sending,
    acknowledged,
    refused,
    unknown,
    onSending: (index) => void sending.push(index),
    onAcknowledged: (index) => {
      acknowledged.push(index);
      wake();
    },
    onRefused: (index, why) => {
      refused.set(index, why);
      wake();
    },
    onUnknown: (index, why) => {
      unknown.set(index, why);
      wake();
    },
    abort: (reason) => controller.abort(reason),
    settled: (count) =>
      new Promise((resolve) => {
        wake = () => {
          if (told() >= count) resolve();
        };
        wake();
      }),
  };
}

export function notificationText(index: number): string {
  return `{"package":"bench","page":"load","filters":{"channel":"${index % 4}"},"data":{"index":${index}}}`;
}
