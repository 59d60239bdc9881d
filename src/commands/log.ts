import { Command, InvalidArgumentError, Option } from 'commander';
import { runAction } from './exit/run-action.js';
import { integerBetween } from './options/integer.js';
import { switchOption } from './options/switch-option.js';
import { withVariable } from './options/variable.js';

/** What all of `wsn log` takes. */
interface LogOptions {
  /** The folder of the log. */
  readonly data: string;
}

export interface TopicsOptions extends LogOptions {
  readonly json?: boolean;
  /** False with `--no-color`. */
  readonly color: boolean;
}

/** Which notifications are meant: all of them without any. */
export interface SelectionOptions {
  readonly package?: string;
  readonly page?: string;
  /** The first offset of each topic that is wanted. */
  readonly from?: number;
}

export interface ReadOptions extends TopicsOptions, SelectionOptions {
  readonly last?: number;
  readonly follow?: boolean;
}

export interface ExportOptions extends LogOptions, SelectionOptions {
  /** A file; stdout without it. */
  readonly out?: string;
}

const EXAMPLES = `
Examples:
  wsn log topics --data /var/lib/wsn                      what is in the log, a line a topic
  wsn log read --data /var/lib/wsn --last 20 --follow     the last 20 notifications, then what comes
  wsn log read --data /var/lib/wsn --package p --page q --from 118
  wsn log export --data /var/lib/wsn --out all.ndjson
  wsn log topics --data /var/lib/wsn/damaged-2026-11-23T120000.000Z

The folder is that of wsn serve --data. Nothing in it is changed, and a broker may have it open. One that was moved aside
because it was damaged is read, too: stderr says where it is not sound, what is sound behind that comes all the same, and
the exit code is 4.`;

const READ_EXAMPLES = `
Examples:
  wsn log read --data /var/lib/wsn --last 20
  wsn log read --data /var/lib/wsn --package p --page q --from 118 --follow
  wsn log read --data /var/lib/wsn --package p | jq .notification.data

Piped or with --json, each notification is one line {"notification":{…},"position":{"epoch":"…","offset":…}}, as wsn subscribe
prints it. Offsets grow by one a notification of a topic.`;

const EXPORT_EXAMPLES = `
Examples:
  wsn log export --data /var/lib/wsn --out all.ndjson
  wsn log export --data /var/lib/wsn --package p --page q | wsn notify --url ws://other.example --transport persistent

Each line is {"sender":"server","notification":{…},"position":{"epoch":"…","offset":…},"at":"2026-11-23T12:00:00.000Z"}, in the order
of the log: a publisher's message, so that wsn notify --file publishes the notifications again, with new positions and no keys.`;

/** `wsn log`: looks into the log of a broker. */
export function logCommand(): Command {
  return new Command('log')
    .description('Look into the log of a broker')
    .addHelpText('after', EXAMPLES)
    .addCommand(topicsCommand())
    .addCommand(readCommand())
    .addCommand(exportCommand());
}

function topicsCommand(): Command {
  const command = new Command('topics').description('list the topics: where they stand, and what is kept of them');
  for (const option of [dataOption(), ...outputOptions()]) command.addOption(option);
  return command.action(
    runAction(async (options: TopicsOptions) => {
      const { printTopics } = await import('./log/print-topics.js');
      return printTopics(options);
    }),
  );
}

function readCommand(): Command {
  const command = new Command('read').description('print notifications').addHelpText('after', READ_EXAMPLES);
  const options = [
    ...selectionOptions(),
    new Option('-n, --last <number>', 'only the last so many').argParser(integerBetween(1)),
    new Option('--follow', 'go on with what comes, until interrupted'),
  ];
  for (const option of [dataOption(), ...options, ...outputOptions()]) command.addOption(option);
  return command.action(
    runAction(async (given: ReadOptions) => {
      const { printNotifications } = await import('./log/print-notifications.js');
      return printNotifications(given);
    }),
  );
}

function exportCommand(): Command {
  const command = new Command('export').description('write notifications as NDJSON, for wsn notify').addHelpText('after', EXPORT_EXAMPLES);
  const out = new Option('-o, --out <file>', 'write a file instead of stdout');
  for (const option of [dataOption(), ...selectionOptions(), out]) command.addOption(option);
  return command.action(
    runAction(async (options: ExportOptions) => {
      const { exportNotifications } = await import('./log/export-notifications.js');
      return exportNotifications(options);
    }),
  );
}

function dataOption(): Option {
  return withVariable(new Option('--data <folder>', 'folder of the log, as for wsn serve'), 'WSN_DATA').makeOptionMandatory();
}

function selectionOptions(): Option[] {
  return [
    new Option('--package <name>', 'only of this package').argParser(nameFrom),
    new Option('--page <name>', 'only of this page').argParser(nameFrom),
    new Option('--from <offset>', 'only from this offset of each topic on').argParser(integerBetween(1)),
  ];
}

/** No topic has an empty name: it is a variable of a shell that was not set, and must not select nothing, or all. */
function nameFrom(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('Found an empty name: give it one, or leave the option out for all.');
}

function outputOptions(): Option[] {
  return [
    switchOption('--json', 'one JSON object a line, on a terminal too', 'WSN_JSON'),
    new Option('--no-color', 'no colours on a terminal (NO_COLOR does the same)'),
  ];
}
