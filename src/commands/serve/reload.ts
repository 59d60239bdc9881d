import { isDeepStrictEqual } from 'node:util';
import { type Broker, type Log, OptionError } from '../../server/index.js';
import { UsageError } from '../exit/usage-error.js';
import { brokerOptions, type Configuration, type Effective, effectiveOf } from '../settings/configuration.js';
import { explainOptionError } from '../settings/configuration-error.js';
import type { SettingName } from '../settings/setting.js';
import { authenticatedBy } from './openness.js';

/** What a reload reads, and what it is compared with. */
export interface ReloadParts {
  readonly read: () => Promise<Configuration>;
  readonly log: Log;
  /** In force at the start. */
  readonly configuration: Configuration;
  /** Called with what is in force from now on, before the log tells about it. */
  readonly applied: (configuration: Configuration) => void;
  /** Whether the terminal in which the broker was started has gone: then SIGHUP is about that. */
  readonly hasLostTerminal: () => boolean;
  /** Called then, instead of a reload. */
  readonly hungUp: () => void;
}

/** Reloads at SIGHUP, from now on; before `begin` one is kept for it. */
export interface Reloads {
  begin(broker: Pick<Broker, 'reconfigure'>): void;
}

/**
 * Reads settings, keys and certificates again at SIGHUP, which ends the process only when its terminal has gone. All that changed is applied,
 * or nothing; one line of the log says which. Reloads follow one another; those that are asked for meanwhile are one.
 */
export function reloadAtHangUp(parts: ReloadParts): Reloads {
  let { configuration } = parts;
  let broker: Pick<Broker, 'reconfigure'> | undefined;
  let isAsked = false;
  let isRunning = false;

  const run = async (): Promise<void> => {
    if (broker === undefined || isRunning) return;
    isRunning = true;
    while (isAsked) {
      isAsked = false;
      configuration = await reload(broker, configuration, parts);
    }
    isRunning = false;
  };
  // Windows sends it when a console is closed, and ends the process all the same.
  if (process.platform !== 'win32') {
    process.on('SIGHUP', () => {
      if (parts.hasLostTerminal()) return parts.hungUp();
      isAsked = true;
      void run();
    });
  }
  return {
    begin(started) {
      broker = started;
      void run();
    },
  };
}

/** @returns what is in force afterwards. */
async function reload(
  broker: Pick<Broker, 'reconfigure'>,
  before: Configuration,
  { read, log, applied }: ReloadParts,
): Promise<Configuration> {
  let after = before;
  try {
    after = await read();
    const changes = after.settings.filter(({ setting, value }) => !isDeepStrictEqual(value, effectiveOf(before, setting.name)?.value));
    const late = changes.filter(({ setting }) => !setting.isLive);
    if (late.length > 0) throw new UsageError(`${pathsOf(late).join(', ')} can change at a restart only`);
    if (authenticatedBy(before).length > 0 && authenticatedBy(after).length === 0) {
      // A file that was emptied by mistake must not open the broker to everybody.
      throw new UsageError('authentication can be switched off at a restart only');
    }
    const changed = new Set([...pathsOf(changes), ...(await broker.reconfigure(brokerOptions(after))).map((name) => pathOf(name, after))]);
    applied(after);
    for (const warning of after.warnings) log.warn({}, warning);
    if (changed.size === 0) log.info({}, 'reloaded: nothing has changed');
    else log.info({ changed: [...changed] }, 'reloaded');
    return after;
  } catch (error) {
    const told = error instanceof OptionError ? explainOptionError(error, after) : error;
    if (told instanceof UsageError) log.error({ problem: told.message }, 'reload refused: nothing was applied');
    else log.error({ err: told }, 'reload failed: nothing was applied');
    return before;
  }
}

function pathsOf(settings: readonly Effective[]): readonly string[] {
  return settings.map(({ setting }) => setting.path);
}

function pathOf(name: string, configuration: Configuration): string {
  return effectiveOf(configuration, name as SettingName)?.setting.path ?? name;
}
