import { Command, Option } from 'commander';
import { urlOption } from './broker/broker-url.js';
import { wayOptions } from './broker/way.js';
import { runAction } from './exit/run-action.js';
import { type NotifyOptions, TRANSPORTS } from './notify/notify-options.js';
import { durationFrom } from './options/duration.js';
import { integerBetween } from './options/integer.js';
import { switchOption } from './options/switch-option.js';

const EXAMPLES = `
Examples:
  wsn notify --package amaiia_msg_srv --values 2 --data '{"messageId":"12345"}' --message 'Nouveau message'
  wsn notify --file n.json --transport persistent --expect-matched 1
  cat many.ndjson | wsn notify --transport persistent --json
  cat many.ndjson | wsn notify --transport persistent --retry    each once, whatever happens to the broker meanwhile
  WSN_API_KEY=@key.txt wsn notify --url wss://example.org --file n.json --transport http

A file holds a notification, a publisher's whole message, {"notifications":[…]}, or one of them a line (NDJSON). All of
it is checked before anything is sent, and a notification is sent byte for byte as it stands there.

  ephemeral   a connection for each notification, as the PHP back-end makes it: open, send, wait for the close 1000;
              it has no receipt, so that nothing is printed, with --json neither
  persistent  one connection, a receipt for each notification
  http        POST /notify on the same host and port, a receipt for each notification

With --retry it goes on until each has a receipt: through a broker that is not there, restarts or has no room, and lines that
break. Each has a key, its own or one that is made, so that what is sent twice is published once. What cannot get better ends
it, and so does a notification that may have been published so long ago that its key is forgotten (two minutes).

Values of --values and --filter are strings, with commas a list of strings; JSON where they begin with {, [ or ".
Receipts are printed on stdout: {"position":{…},"matched":12,"duplicate":false}, one a line, when piped or with --json.`;

/** `wsn notify`: publishes notifications. */
export function notifyCommand(): Command {
  const command = new Command('notify').description('Publish notifications').addHelpText('after', EXAMPLES);
  for (const option of [urlOption(), ...wayOptions('publisher'), ...contentOptions(), ...sendingOptions(), ...outputOptions()])
    command.addOption(option);
  return command.action(
    runAction(async (options: NotifyOptions, self: Command) => {
      const isTyped = (name: string) => self.getOptionValueSource(name) === 'cli';
      const { runNotify } = await import('./notify/notify-run.js');
      return runNotify(options, isTyped);
    }),
  );
}

function contentOptions(): Option[] {
  return [
    new Option('--file <file>', 'JSON or NDJSON with what to publish; - for stdin, which is read anyway when it is piped').env('WSN_FILE'),
    new Option('--package <name>', 'package of the notification').env('WSN_PACKAGE'),
    new Option('--page <name>', 'page of the notification').env('WSN_PAGE').default('messages'),
    new Option('--values <values>', 'short for --filter values=VALUES, such as 2 or 2,3').env('WSN_VALUES'),
    new Option('-f, --filter <path=values>', 'what stands in the filters of the notification; several times')
      .env('WSN_FILTER')
      .argParser((value, previous: readonly string[] | undefined) => [...(previous ?? []), value]),
    new Option('--data <json>', 'data of the notification, as JSON').env('WSN_NOTIFICATION_DATA'),
    new Option('--message <text>', 'message of the notification').env('WSN_MESSAGE'),
  ];
}

function sendingOptions(): Option[] {
  return [
    new Option('-t, --transport <transport>', 'how to publish').env('WSN_TRANSPORT').choices(TRANSPORTS).default('ephemeral'),
    new Option('--expect-matched <number>', 'fail (exit 4) when a notification went to fewer subscribers')
      .env('WSN_EXPECT_MATCHED')
      .argParser(integerBetween(0)),
    switchOption('--retry', 'try again until each has a receipt (persistent, http)', 'WSN_RETRY'),
    new Option('--key <key>', 'key of the one notification: within two minutes the same key is published once (persistent, http)'),
    new Option(
      '--timeout <duration>',
      'give up (exit 8) when the whole takes longer; without it, 10s for one notification and no end for many or with --retry',
    )
      .env('WSN_TIMEOUT')
      .argParser(durationFrom(1)),
  ];
}

function outputOptions(): Option[] {
  return [
    switchOption('--json', 'receipts as JSON, on a terminal too (the ephemeral transport has none)', 'WSN_JSON'),
    new Option('--no-input', 'never ask'),
  ];
}
