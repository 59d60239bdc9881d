import type { BenchResult, Machine, Settings } from '../result/result.js';

/** What has to be alike in runs that are compared. Before a run nobody knows what it will have used. */
export interface Comparable {
  readonly settings: Settings;
  readonly used?: Pick<BenchResult['used'], 'publishers' | 'subprotocol'>;
}

/**
 * In what a run differs from the one that it is to be compared with: `load.subscribers is 200, in the baseline 100`. The
 * address of the broker may differ.
 */
export function differingSettings(now: Comparable, baseline: Comparable): string[] {
  const differences = differing(now.settings, baseline.settings, '');
  if (now.used === undefined || baseline.used === undefined) return differences;
  const { publishers, subprotocol } = now.used;
  const before = { publishers: baseline.used.publishers, subprotocol: baseline.used.subprotocol };
  return [...differences, ...differing({ publishers, subprotocol }, before, 'used.')];
}

/** In what the machine of a run differs from that of the one it is compared with. */
export function differingMachine(now: Machine, baseline: Machine): string[] {
  return differing(kindOf(now), kindOf(baseline), '');
}

function differing(now: object, before: object, path: string): string[] {
  const names = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...names].flatMap((name) => differingMember(memberOf(now, name), memberOf(before, name), path + name));
}

function differingMember(now: unknown, before: unknown, path: string): string[] {
  if (JSON.stringify(now) === JSON.stringify(before)) return [];
  if (isRecord(now) && isRecord(before) && now.kind === before.kind) return differing(now, before, `${path}.`);
  return [`${path} is ${JSON.stringify(now) ?? 'not there'}, in the baseline ${JSON.stringify(before) ?? 'not there'}`];
}

/** Without its memory, which a container may have a little more or less of each time. */
function kindOf({ cores, cpu, node, platform }: Machine): object {
  return { cores, cpu, node, platform };
}

function memberOf(of: object, name: string): unknown {
  return (of as Readonly<Record<string, unknown>>)[name];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
