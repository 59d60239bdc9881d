import { type Arrivals, DEFAULT_LOAD } from '../../bench/load/load.js';
import { LOAD_SHAPE, type LoadPart } from '../../bench/profile/load-shape.js';
import type { Located } from '../../document/index.js';
import type { BenchFlags, LoadFlag } from '../bench.js';
import { UsageError } from '../exit/usage-error.js';

/** Where each option stands in a file, and how it is called. */
const MEMBERS: Readonly<Record<LoadFlag, { readonly option: string; readonly path: readonly string[] }>> = {
  subscribers: { option: '--subscribers', path: ['subscribers'] },
  channels: { option: '--channels', path: ['channels'] },
  spread: { option: '--spread', path: ['spread'] },
  traffic: { option: '--traffic', path: ['traffic'] },
  subscriptions: { option: '--subscriptions', path: ['subscriptions'] },
  protocol: { option: '--protocol', path: ['protocol'] },
  connectRate: { option: '--connect-rate', path: ['connect', 'rate'] },
  connecting: { option: '--connecting', path: ['connect', 'inFlight'] },
  publishers: { option: '--publishers', path: ['publishers', 'kind'] },
  publisherConnections: { option: '--publisher-connections', path: ['publishers', 'connections'] },
  size: { option: '--size', path: ['size'] },
  duration: { option: '--duration', path: ['phases', 'hold'] },
  warmUp: { option: '--warm-up', path: ['phases', 'warmUp'] },
  ready: { option: '--ready', path: ['phases', 'ready'] },
  drain: { option: '--drain', path: ['phases', 'drain'] },
  hostile: { option: '--hostile', path: ['hostile'] },
  seed: { option: '--seed', path: ['seed'] },
  workers: { option: '--workers', path: ['workers'] },
};

/** What stands nowhere in a file. */
const PLACE = { line: 1, column: 1, length: 1 } as const;

/**
 * Reads the options that are members of a load, but for those of its arrivals: each as if it stood in a file, so that both
 * have the same bounds.
 * @throws UsageError with the option, its value and what was expected.
 */
export function readLoadFlags(flags: BenchFlags): readonly LoadPart[] {
  const given = Object.entries(MEMBERS) as [LoadFlag, (typeof MEMBERS)[LoadFlag]][];
  return [
    ...given.flatMap(([name, { option, path }]) => {
      const value = flags[name];
      return value === undefined ? [] : [readMember(`${option} ${value}`, path, locate(name, value))];
    }),
    ...(flags.faults.length === 0 ? [] : [readFaults(flags.faults)]),
    ...flags.limit.map((value) => readMember(`--limit ${value}`, ['limits'], assignments(`--limit ${value}`, value))),
  ];
}

/**
 * Reads `--rate`: one rate, `100..2000` or `100,200,400`.
 * @throws UsageError when one of them does not fit.
 */
export function readRate(text: string): Arrivals {
  const parts = text.includes('..') ? text.split('..') : text.split(',');
  const kind = text.includes('..') ? 'ramp' : parts.length > 1 ? 'steps' : 'constant';
  if (kind === 'ramp' && parts.length !== 2) throw new UsageError(`--rate ${text}: expected a first and a last rate, such as 100..2000`);
  const items = parts.map((part) => located(part.trim()));
  const [first = located('')] = items;
  return readArrivals(`--rate ${text}`, kind, kind === 'constant' ? first : { kind: 'list', items, place: PLACE });
}

/** Reads `--window`. @throws UsageError when it does not fit. */
export function readWindow(text: string): Arrivals {
  return readArrivals(`--window ${text}`, 'max', located(text));
}

/** Those of the options together, as they stand in for all of the file. */
function readFaults(texts: readonly string[]): LoadPart {
  const faults = texts.flatMap((text) => readMember(`--faults ${text}`, ['faults'], faultsOf(text)).faults ?? []);
  return { faults };
}

/** Reads `cut every=2s share=10% for=2s`. @throws UsageError when a name stands twice, as in a file. */
function faultsOf(text: string): Located {
  const [kind = '', ...members] = text.trim().split(/\s+/);
  const option = `--faults ${text}`;
  return { kind: 'list', items: [pairsOf(option, [['kind', located(kind)], ...members.map(pairOf)])], place: PLACE };
}

function readArrivals(option: string, kind: string, value: Located): Arrivals {
  return readMember(option, ['arrivals', kind], value).arrivals ?? DEFAULT_LOAD.arrivals;
}

/**
 * Reads a value as if it stood in a file.
 * @param option and its value, for the message.
 * @param path to the member of a load.
 * @throws UsageError when it does not fit.
 */
function readMember(option: string, path: readonly string[], value: Located): LoadPart {
  const at = path
    .toReversed()
    .reduce<Located>((inner, key) => ({ kind: 'map', place: PLACE, entries: [{ key, keyPlace: PLACE, value: inner }] }), value);
  const complaints: string[] = [];
  const part = LOAD_SHAPE.check(at, { complain: ({ message }) => complaints.push(message) });
  if (part !== undefined) return part;
  throw new UsageError(`${option}: ${complaints[0]}`);
}

/** A scalar as YAML would read it: a number, or text. */
function located(text: string): Located {
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  return { kind: 'scalar', value, place: PLACE };
}

function locate(name: LoadFlag, text: string): Located {
  if (name === 'hostile') return assignments(`--hostile ${text}`, text);
  return name === 'spread' || name === 'traffic' ? spread(`--${name} ${text}`, text) : located(text);
}

/** Reads `uniform`, `zipf` or `zipf:1.1`. @throws UsageError when it is none of them. */
function spread(option: string, text: string): Located {
  if (text === 'uniform') return located(text);
  const zipf = /^zipf(?::(.+))?$/.exec(text);
  if (zipf === null) throw new UsageError(`${option}: expected uniform, zipf or zipf:1.1`);
  return mapOf([['zipf', located(zipf[1] ?? '1')]]);
}

/**
 * Reads `slow=5%,never=1%`.
 * @throws UsageError when a name stands twice, as in a file.
 */
function assignments(option: string, text: string): Located {
  return pairsOf(option, text.split(',').map(pairOf));
}

function pairOf(text: string): [string, Located] {
  const [name = '', ...rest] = text.split('=');
  return [name.trim(), located(rest.join('=').trim())];
}

function pairsOf(option: string, pairs: readonly (readonly [string, Located])[]): Located {
  const names = pairs.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`${option}: the member ${JSON.stringify(twice)} stands twice`);
  return mapOf(pairs);
}

function mapOf(pairs: readonly (readonly [string, Located])[]): Located {
  return { kind: 'map', place: PLACE, entries: pairs.map(([key, value]) => ({ key, keyPlace: PLACE, value })) };
}
