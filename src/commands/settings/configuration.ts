import type { Place, Source } from '../../document/place.js';
import type { BrokerOptions } from '../../server/options.js';
import type { Setting, SettingName } from './setting.js';

/** Where a value was said. */
export type Origin =
  | { readonly kind: 'flag' | 'environment'; readonly name: string }
  | { readonly kind: 'file'; readonly source: Source; readonly place: Place };

/** A setting as it is in force. */
export interface Effective {
  readonly setting: Setting;
  readonly value: unknown;
  /** All who say something about it, the one that counts first; nobody where the default is in force. */
  readonly origins: readonly Origin[];
}

/** What flags, environment and file come to, each number within the bounds of its kind and not yet checked by the broker. */
export interface Configuration {
  /** The file, as it is shown; `undefined` without one. */
  readonly file: string | undefined;
  readonly settings: readonly Effective[];
  /** What is odd and stops nothing, a sentence each. */
  readonly warnings: readonly string[];
}

/** The value in force. */
export function settingValue<N extends SettingName>(configuration: Configuration, name: N): SettingValue<N> {
  // Its kind has made it of the type of its option, which the table cannot say.
  return effectiveOf(configuration, name)?.value as SettingValue<N>;
}

type SettingValue<N extends SettingName> = N extends keyof BrokerOptions ? BrokerOptions[N] : string;

/** The setting of a name; every name has one. */
export function effectiveOf(configuration: Configuration, name: SettingName): Effective | undefined {
  return configuration.settings.find(({ setting }) => setting.name === name);
}

/** Every option of the broker but its log, those that are not set with their defaults. */
export function brokerOptions(configuration: Configuration): Partial<BrokerOptions> {
  const own = configuration.settings.filter(({ setting }) => setting.group !== 'log');
  return Object.fromEntries(own.map(({ setting, value }) => [setting.name, value])) as Partial<BrokerOptions>;
}

/** Where a value was said, in a few words: `--port`, `WSN_PORT`, `wsn.yaml:2:9`, `default`. */
export function originText(origin: Origin | undefined): string {
  if (origin === undefined) return 'default';
  return origin.kind === 'file' ? `${origin.source.path}:${origin.place.line}:${origin.place.column}` : origin.name;
}
