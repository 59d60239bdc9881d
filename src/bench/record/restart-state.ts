/** Places of a `RestartState`: how many there were, and whether one is under way. */
const [COUNT, IS_DOWN] = [0, 1];

/** How often the run has restarted its broker, and whether the broker is away for it now. All threads see it. */
export class RestartState {
  /** Shared by all threads; given to another thread, it makes a `RestartState` there. */
  readonly shared: Int32Array;

  constructor(shared: Int32Array = new Int32Array(new SharedArrayBuffer(8))) {
    this.shared = shared;
  }

  /** Those that have begun: a line that was opened at a lower count was ended by one of them. */
  get count(): number {
    return Atomics.load(this.shared, COUNT);
  }

  get isDown(): boolean {
    return Atomics.load(this.shared, IS_DOWN) === 1;
  }

  /** The broker is about to be ended. */
  begin(): void {
    Atomics.add(this.shared, COUNT, 1);
    Atomics.store(this.shared, IS_DOWN, 1);
  }

  /** It listens again. */
  end(): void {
    Atomics.store(this.shared, IS_DOWN, 0);
  }
}
