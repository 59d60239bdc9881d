import { record } from '../../document/index.js';
import { count, distribution } from './figure-shapes.js';

/** What the shape of a result says of the faults of a load. */
export const recoveryShape = record('What the faults of the load did, and what the broker made good; only where it has faults', {
  cut: count('Lines of subscribers that were cut'),
  halfOpen: count('Lines of subscribers that were left half-open'),
  restarts: count('Restarts of the broker'),
  resumed: count('Resumes that were answered with recovered: true, and whose replay has come'),
  unresumed: count('Resumes that were answered otherwise'),
  recovered: count('Deliveries of the hold that came in a replay: part of those delivered'),
  unrecovered: count(
    'Deliveries of the hold that never came, and of which the broker had said so: expected, but neither delivered nor lost',
  ),
  repeated: count('Deliveries of the hold that came once more, as their positions told'),
  unsent: count('Notifications of the hold that could not be sent because the run restarted the broker'),
  cutOff: count('Notifications of the hold that were not answered for the same reason'),
  latencyMs: distribution('From the planned moment to the receipt of a delivery in a replay, which waited for its subscriber'),
  resumeMs: distribution('From when a subscriber asked to resume until all that it had missed was there'),
});
