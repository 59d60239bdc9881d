import { Command, CommanderError } from 'commander';
import { benchCommand } from './bench.js';
import { withoutQueryToken } from './broker/broker-url.js';
import { configCommand } from './config.js';
import { EXIT } from './exit/exit-codes.js';
import { explainCommand } from './explain.js';
import { logCommand } from './log.js';
import { notifyCommand } from './notify.js';
import { findEmptyValue } from './options/empty-value.js';
import { findOddSwitch } from './options/switch-option.js';
import { recordCommand } from './record.js';
import { schemaCommand } from './schema.js';
import { serveCommand } from './serve.js';
import { subscribeCommand } from './subscribe.js';
import { watchPipes } from './terminal/closed-pipe.js';
import { escapeText } from './terminal/escape-text.js';
import { testCommand } from './test.js';
import { tokenCommand } from './token.js';
import { version } from './version.js';

const AFTER_HELP = `
A first try, in three terminals:
  wsn serve --port 8000
  wsn subscribe --package amaiia_msg_srv --channel 2
  wsn notify --package amaiia_msg_srv --values 2 --message 'Hello'

Exit codes: 0 done, 2 bad option or input, 3 unreachable or cannot listen, 4 not as expected,
5 a threshold missed, 6 worse than the baseline, 7 a load that the generator could not keep up with,
8 not in time, 129, 130 or 143 ended by a signal before it was done, 1 an unexpected error.
Most options can be set in the environment, too: see wsn <command> --help.`;

/**
 * Runs the command that `argv` asks for and sets `process.exitCode`.
 * @param argv as in `process.argv`: two entries, then the arguments.
 */
export async function main(argv: readonly string[]): Promise<void> {
  watchPipes();
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

/** All commands with their options. Cheap: what a command needs is imported when it runs, not when help is shown. */
export function createProgram(): Command {
  const program = new Command('wsn')
    .description('Notifications over WebSocket: a broker, and what one needs to use it, test it and measure it')
    .version(version)
    .addHelpText('after', AFTER_HELP)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .hook('preAction', (_, command) => {
      const problem = findOddSwitch(command) ?? findEmptyValue(command);
      if (problem !== undefined) command.error(problem);
    });
  for (const command of [
    serveCommand(),
    subscribeCommand(),
    notifyCommand(),
    explainCommand(),
    benchCommand(),
    testCommand(),
    recordCommand(),
    logCommand(),
    configCommand(),
    tokenCommand(),
    schemaCommand(),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
    for (const part of command.commands) part.copyInheritedSettings(command);
  }
  return program;
}

/**
 * Commander's `error: …` and its suggestion on a line of its own, in the way in which `wsn` tells all that is wrong; a
 * password and a token in a URL that it repeats are left out.
 */
function oneLine(text: string): string {
  const line = withoutQueryToken(text)
    .trim()
    .replace(/^error: /, '')
    .split('\n')
    .join(' ')
    .replace('(Did you mean', '(did you mean')
    .replace(/([a-z]+:\/\/).*@/gi, '$1');
  return `wsn: ${escapeText(line)}\n`;
}
