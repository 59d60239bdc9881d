import type { SubscribedTopic, Subscription } from '../protocol/index.js';
import type { Delivery } from './delivery.js';
import type { ConnectionOptions, ConnectionSource } from './shared-connections.js';
import type { SubscribeOptions, SubscriptionHandle } from './subscription-handle.js';

/** A connection, and the latest options of who has brought it. */
export interface Reach {
  readonly source: ConnectionSource;
  readonly options: { readonly current: ConnectionOptions };
}

export type Wanted = Subscription | readonly Subscription[];

/** What a component does with what it hears: one of `onNotification` and `reduce`. */
export interface ComponentListener<Value> extends Omit<SubscribeOptions, 'signal'> {
  onSubscribed?(topics: readonly SubscribedTopic[]): void;
  onNotification?(delivery: Delivery): void;
  reduce?(value: Value, delivery: Delivery): Value;
  readonly initial?: Value;
}

/** What a value was reduced from, and to. */
export interface Reduced<Value> {
  readonly reach: Reach;
  readonly wanted: Wanted;
  readonly value: Value;
}

interface Running {
  readonly reach: Reach;
  readonly handle: SubscriptionHandle;
  readonly leave: () => void;
  wanted: Wanted;
}

/** What one component has subscribed to, while it is mounted. */
export class ComponentSubscription<Value> {
  readonly #listener: { readonly current: ComponentListener<Value> };
  readonly #onReduced: (reduced: Reduced<Value> | undefined) => void;
  #running: Running | undefined;

  /**
   * @param listener its functions are looked up at each call.
   * @param onReduced is told of each value, and with `undefined` that there is none any more.
   */
  constructor(listener: { readonly current: ComponentListener<Value> }, onReduced: (reduced: Reduced<Value> | undefined) => void) {
    this.#listener = listener;
    this.#onReduced = onReduced;
  }

  /** Wants this from now on; `null`: nothing. What is reduced begins anew with each other wish. */
  follow(reach: Reach, wanted: Wanted | null): void {
    const running = this.#running;
    if (!running || !wanted || running.reach !== reach || this.#listener.current.reduce) {
      this.stop();
      if (wanted) this.#start(reach, wanted);
    } else if (running.wanted !== wanted) {
      running.wanted = wanted;
      this.#tellWhenInForce(running, running.handle.replace(wanted));
    }
  }

  stop(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.handle.unsubscribe();
    running?.leave();
    this.#onReduced(undefined);
  }

  #start(reach: Reach, wanted: Wanted): void {
    const leave = reach.source.hold(reach);
    const { client } = reach.source;
    if (!client) return; // there is one while it is held
    const listener = this.#listener;
    let reduced: Reduced<Value> | undefined;
    const onNotification = (delivery: Delivery) => {
      const { initial, reduce, onNotification } = this.#listener.current;
      onNotification?.(delivery);
      if (!reduce) return;
      reduced = { reach, wanted, value: reduce(reduced ? reduced.value : (initial as Value), delivery) };
      this.#onReduced(reduced);
    };
    const options: SubscribeOptions = {
      onReset: (topics) => this.#listener.current.onReset?.(topics),
      onRecovered: (topics) => this.#listener.current.onRecovered?.(topics),
      // Where there is none by then, the client tells its onProblem.
      get onRefused() {
        return listener.current.onRefused;
      },
    };
    try {
      const handle = client.subscribe(wanted, onNotification, options);
      this.#running = { reach, wanted, handle, leave };
      this.#tellWhenInForce(this.#running, handle.ready);
    } catch (error) {
      leave();
      throw error;
    }
  }

  #tellWhenInForce(running: Running, answer: Promise<readonly SubscribedTopic[]>): void {
    const { wanted } = running;
    answer.then(
      (topics) => {
        if (this.#running === running && running.wanted === wanted) this.#listener.current.onSubscribed?.(topics);
      },
      () => {}, // onRefused has told, or the state does
    );
  }
}
