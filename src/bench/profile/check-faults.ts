import type { BrokerRestart, LineFault, Load, PlannedFault } from '../load/load.js';
import { duration } from '../numbers.js';

/**
 * What is wrong with the faults of a load, and with what else they need.
 * @returns a sentence, which names the members and their options; none when all is well.
 */
export function checkFaults(load: Load): readonly string[] {
  const { faults = [], protocol, publishers, arrivals } = load;
  if (faults.length === 0) return [];
  if (protocol !== 'v1') {
    return [
      `\`faults\` (--faults) need \`protocol: v1\` (--protocol v1), found ${protocol}: the base protocol cannot resume what it missed`,
    ];
  }
  if (publishers.kind === 'http' || publishers.kind === 'ephemeral') {
    return [
      `\`faults\` (--faults) need persistent \`publishers\` (--publishers), found ${publishers.kind}: where a notification stands, and so who was told that it is lost, is in their receipts alone`,
    ];
  }
  if (arrivals.kind === 'max') {
    return ['`faults` (--faults) do not go with `arrivals: max` (--arrivals max), which waits for those that are cut off: give a --rate'];
  }
  return faults.flatMap((fault) => wrongWith(fault, load)).slice(0, 1);
}

function wrongWith(fault: PlannedFault, { phases }: Load): readonly string[] {
  const { kind, firstMs, everyMs, forMs } = fault;
  if (firstMs >= phases.holdMs) {
    return [
      `the first fault of kind ${kind} (--faults) is at ${duration(firstMs)}, expected one before the end of the \`hold\` (--duration) of ${duration(phases.holdMs)}`,
    ];
  }
  if (isLineFault(fault)) return fault.share > 0 ? [] : [`the \`share\` of a fault of kind ${kind} (--faults) is 0, expected more`];
  if (everyMs === null || everyMs > forMs) return [];
  return [
    `a restart \`every\` ${duration(everyMs)} (--faults) cannot keep the broker away \`for\` ${duration(forMs)}: take a longer \`every\``,
  ];
}

function isLineFault(fault: LineFault | BrokerRestart): fault is LineFault {
  return fault.kind !== 'restart';
}
