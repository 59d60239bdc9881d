import { integer } from '../numbers.js';
import type { Deliveries } from '../record/count-deliveries.js';
import type { Summary } from './summary.js';

/** What a reader should know of a run and what is no failure, in sentences. */
export function notesOn({ settings, plan, observer, isFenced, used }: Summary, { warmUp }: Deliveries): readonly string[] {
  const { load } = settings;
  const { lost, duplicated, misdelivered, reordered, corrupt } = warmUp;
  const inWarmUp = lost + duplicated + misdelivered + reordered + corrupt;
  const { account } = observer.recording;
  const waited = (account?.lateInHold ?? 0) - (account?.overdueInHold ?? 0);
  return [
    ...(load.arrivals.kind === 'max'
      ? [
          `arrivals max are a closed loop of ${load.arrivals.window}: they show what the broker can deliver, not how long it takes under a load`,
        ]
      : []),
    ...(load.arrivals.kind === 'max' && account?.sent === plan.board.count
      ? [`the hold ended early: arrivals max send at most ${integer(plan.board.count)} notifications; a shorter --duration is enough`]
      : []),
    ...(used.publishers === 'http'
      ? ['publishers speak HTTP: order is judged only where one notification was answered before the next was sent']
      : []),
    ...(waited > 0
      ? [
          `${integer(waited)} notifications were late because no connection was free for them: the server is slow to answer, or has too few (--publisher-connections)`,
        ]
      : []),
    ...(account && account.unsentInHold + account.cutOffInHold > 0
      ? [
          `while the run restarted the broker, ${integer(account.unsentInHold)} notifications could not be sent and ${integer(account.cutOffInHold)} were not answered: nothing is expected of them`,
        ]
      : []),
    ...(inWarmUp > 0 ? [`${inWarmUp} deliveries of the warm-up were lost or wrong; they do not count`] : []),
    ...(isFenced || observer.isBrokerGone
      ? []
      : ['not every subscriber got the last canary: second copies may have been on their way still']),
  ];
}
