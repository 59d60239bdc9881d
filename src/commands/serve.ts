import { Command, Option } from 'commander';
import { runAction } from './exit/run-action.js';
import { givenTo, settingOptions } from './settings/flags.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type LogFormat = 'auto' | 'pretty' | 'json';

const EXAMPLES = `
Examples:
  wsn serve                                          everybody may subscribe, this machine may publish
  wsn serve --allow-publish 10.0.0.0/8 --port 8000   so may the machines of 10.0.0.0/8
  wsn serve --config /etc/wsn.yaml                   all of it in a file; wsn config tells about it
  wsn serve --log-format json | tee wsn.log          one JSON object a line
A flag wins over the environment, that over the file. SIGHUP reads the file, keys and certificates again.
Ctrl-C or SIGTERM closes every connection with 1001 and ends with 0; a second one ends at once.`;

/** `wsn serve`: the broker. */
export function serveCommand(): Command {
  const command = new Command('serve').description('Run the broker').addHelpText('after', EXAMPLES);
  for (const option of settingOptions()) command.addOption(option);
  command.addOption(new Option('--no-color', 'no colours on a terminal (NO_COLOR does the same)'));
  return command.action(
    runAction(async (options: { readonly color: boolean }, self: Command) => {
      const { serveUntilStopped } = await import('./serve/serve-until-stopped.js');
      return serveUntilStopped(givenTo(self), options.color);
    }),
  );
}
