import { type BrokerOptions, DEFAULTS } from '../../server/options.js';
import { FIXED_OPTIONS } from '../../server/resolve-options.js';
import type { Kind } from './kind.js';

/** What can be set: every option of the broker but its log, and how the log of `wsn serve` looks. */
export type SettingName = Exclude<keyof BrokerOptions, 'log'> | 'logLevel' | 'logFormat';

/** One thing that an operator may set, under one name in each place. */
export interface Setting {
  readonly name: SettingName;
  /** Its place in a file: `tls.cert`. */
  readonly path: string;
  readonly group: string;
  readonly member: string;
  /** `--tls-cert`; a secret has none, for a command line can be read by everybody on the machine. */
  readonly flag: string | undefined;
  /** `-p`. */
  readonly short: string | undefined;
  readonly variable: string;
  readonly kind: Kind;
  readonly about: string;
  /** In force where nothing else is said. */
  readonly standard: unknown;
  /** Whether a reload can apply it; else it needs a restart. */
  readonly isLive: boolean;
  /** Whether it then counts for who connects from then on, and for nobody who is here. */
  readonly isForNewConnections: boolean;
}

/** A row of the table: what does not follow from its place there. */
export interface Row {
  readonly name: SettingName;
  readonly flag?: string;
  readonly short?: string;
  /** Where it does not follow from the flag. */
  readonly variable?: string;
  readonly kind: Kind;
  readonly about: string;
  readonly isForNewConnections?: true;
}

const LOG_DEFAULTS = { logLevel: 'info', logFormat: 'auto' } as const;

/** The settings of one group of the file by the names of its members. */
export function group(name: string, rows: Readonly<Record<string, Row>>): readonly Setting[] {
  return Object.entries(rows).map(([member, row]) => ({
    name: row.name,
    path: `${name}.${member}`,
    group: name,
    member,
    flag: row.flag,
    short: row.short,
    variable: row.variable ?? `WSN_${(row.flag ?? '').slice(2).replaceAll('-', '_').toUpperCase()}`,
    kind: row.kind,
    about: row.about,
    standard: { ...DEFAULTS, ...LOG_DEFAULTS }[row.name],
    isLive: !FIXED_OPTIONS.some((name) => name === row.name),
    isForNewConnections: row.isForNewConnections === true,
  }));
}

/** Whether it may stand in a file and be shown: a secret may not. */
export function isSecret({ flag }: Setting): boolean {
  return flag === undefined;
}
