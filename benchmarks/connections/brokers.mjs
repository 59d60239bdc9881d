import { startBroker, startNaive } from '../lib/broker.mjs';

/** The two that are measured in turns, so that both see the same machine; clients run on the other CPU. */
export const BROKERS = [
  { name: 'ours', start: () => startBroker([], { cpu: 0 }) },
  { name: 'naive', start: () => startNaive({ cpu: 0 }) },
];

export const CLIENT_CPU = 1;
