import { Command, Option } from 'commander';
import { runAction } from './exit/run-action.js';
import { givenTo, settingOptions } from './settings/flags.js';

const EXAMPLES = `
Examples:
  wsn config check /etc/wsn.yaml          whether a broker would start with it; also reads keys, certificates and schemas
  wsn config print --sources              what is set, and where
  wsn config schema > wsn.schema.json     JSON Schema of the file, for editors
check and print take every flag and variable of wsn serve too: see wsn serve --help.`;

/** `wsn config`: what a broker would be started with. */
export function configCommand(): Command {
  const command = new Command('config').description('Check, print and describe the settings of wsn serve').addHelpText('after', EXAMPLES);
  command.addCommand(checkCommand()).addCommand(printCommand());
  command
    .command('schema')
    .description('print the JSON Schema of a file with settings')
    .action(
      runAction(async () => {
        const { printSchema } = await import('./config/print-schema.js');
        return printSchema();
      }),
    );
  return command;
}

function checkCommand(): Command {
  return withSettings(new Command('check').description('tell whether a broker would start with these settings'))
    .argument('[file]', 'file with settings; wsn.yaml of this folder by default')
    .action(
      runAction(async (file: string | undefined, _: unknown, self: Command) => {
        const { checkConfiguration } = await import('./config/check-configuration.js');
        return checkConfiguration(givenTo(self), file);
      }),
    );
}

function printCommand(): Command {
  return withSettings(new Command('print').description('print the settings in force, as a file that says where each comes from'))
    .addOption(new Option('--json', 'as JSON, without defaults that are nothing').conflicts('sources'))
    .addOption(new Option('--sources', 'only what is set, one line each, and who says something else'))
    .action(
      runAction(async (options: { readonly json?: true; readonly sources?: true }, self: Command) => {
        const { printConfiguration } = await import('./config/print-configuration.js');
        return printConfiguration(givenTo(self), options.json === true ? 'json' : options.sources === true ? 'sources' : 'yaml');
      }),
    );
}

/** Only the file is shown in the help: the other options are those of `serve`, whose help tells about them. */
function withSettings(command: Command): Command {
  for (const option of settingOptions()) command.addOption(option.long === '--config' ? option : option.hideHelp());
  return command;
}
