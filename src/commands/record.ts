import { Command, Option } from 'commander';
import { urlOption } from './broker/broker-url.js';
import { type WayOptions, wayOptions } from './broker/way.js';
import { runAction } from './exit/run-action.js';
import { durationFrom } from './options/duration.js';
import { integerBetween } from './options/integer.js';

/** What the options of `wsn record` come to; durations in ms. */
export interface RecordOptions extends Pick<WayOptions, 'tlsCa' | 'tlsCert' | 'tlsKey' | 'insecure'> {
  readonly url: string;
  /** A file, or `-` for stdout. */
  readonly out: string;
  readonly port: number;
  readonly timing?: boolean;
  readonly for?: number;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  wsn record --url ws://127.0.0.1:8000 --out login.yaml              until Ctrl-C
  wsn record --url wss://staging.example --out - --for 30s --timing  half a minute, to stdout, with the pauses as they were
  wsn test login.yaml --url ws://127.0.0.1:8000                      does the server do the same again?

Point subscribers and publishers, WebSocket and HTTP, to the address that stderr names: what they say passes as it is, and
so does what they hear. Packages of topics become \${package}, so that runs stay apart; tokens, keys and cookies pass and are not written.
Exit codes: 0 the file is written (Ctrl-C and SIGTERM are the normal end, a second one ends at once), 2 a bad option or a
path that cannot be written, 3 the server cannot be reached or the port is taken, 4 nothing was seen and nothing written.`;

/** `wsn record`: stands between clients and a server, and writes what it saw as a scenario. */
export function recordCommand(): Command {
  const command = new Command('record')
    .description('Record what passes between clients and a server as a scenario')
    .addHelpText('after', EXAMPLES);
  const options = [
    urlOption(),
    new Option('-o, --out <file>', 'the scenario to write, - for stdout').makeOptionMandatory(),
    new Option('-p, --port <port>', 'port of 127.0.0.1 to listen on, 0 for any free one').default(0).argParser(integerBetween(0, 65_535)),
    new Option('--timing', 'keep the pauses between what was seen'),
    new Option('--for <duration>', 'end by itself after so long').argParser(durationFrom(1)),
    // What clients say of themselves passes as it is: a recorder says nothing of its own.
    ...wayOptions('subscriber').filter((option) => /^(?:tls|insecure)/.test(option.attributeName())),
    new Option('--no-color', 'no colours on a terminal (NO_COLOR does the same)'),
  ];
  for (const option of options) command.addOption(option);
  return command.action(
    runAction(async (given: RecordOptions) => {
      const { recordUntilStopped } = await import('./record/record-until-stopped.js');
      return recordUntilStopped(given);
    }),
  );
}
