import { BenchError } from '../bench-error.js';
import type { BrokerProcess } from '../broker-process.js';
import type { Load } from '../load/load.js';
import type { RestartMoment } from '../plan/faults.js';
import { RestartState } from '../record/restart-state.js';
import { monotonicMs } from '../traffic/clock.js';
import type { Plan } from './plan-run.js';

/** Restarts the broker of a run when its time has come, and lets all threads know. Disposal ends what has not begun. */
export class Restarts implements Disposable {
  /** Rejected with a BenchError when the broker does not come back. */
  readonly failed: Promise<never>;
  readonly #broker: Pick<BrokerProcess, 'restart'> | undefined;
  readonly #plan: Plan;
  readonly #state: RestartState;
  readonly #timers: NodeJS.Timeout[] = [];
  #underWay: Promise<void> = Promise.resolve();
  #fail: (error: unknown) => void = () => {};

  /** @throws BenchError with kind `usage` when there are restarts, but no broker that can be restarted. */
  constructor({ broker, load }: { readonly broker?: Pick<BrokerProcess, 'restart'> | undefined; readonly load: Load }, plan: Plan) {
    if (broker === undefined && load.faults?.some(({ kind }) => kind === 'restart')) {
      throw new BenchError('usage', 'a fault of kind restart (--faults) needs a broker that wsn bench starts itself: leave out --url');
    }
    this.#broker = broker;
    this.#plan = plan;
    this.#state = new RestartState(plan.board.restarts);
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {}); // whoever awaits the load is told
  }

  get count(): number {
    return this.#state.count;
  }

  /** The load begins at the moment that the board says. */
  begin(): void {
    const startedAt = this.#plan.board.startedAt[0] as number;
    for (const moment of this.#plan.faults) {
      if (moment.kind !== 'restart') continue;
      this.#timers.push(setTimeout(() => this.#restart(moment), startedAt + moment.atMs - monotonicMs()));
    }
  }

  /** Restarts no more; resolves when the one under way is over. @throws BenchError when the broker does not come back. */
  async calm(): Promise<void> {
    this[Symbol.dispose]();
    await Promise.race([this.#underWay, this.failed]);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #restart({ signal, forMs }: RestartMoment): void {
    if (this.#broker === undefined || this.#state.isDown) return; // it took so long to start that it is not back from the last time
    this.#state.begin();
    this.#underWay = this.#broker.restart(signal, forMs).then(
      () => this.#state.end(),
      (error: unknown) => this.#fail(error),
    );
  }
}
