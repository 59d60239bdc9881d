import { Command, Option } from 'commander';
import { LIMITS } from '../protocol/index.js';
import { urlOption } from './broker/broker-url.js';
import { type WayOptions, wayOptions } from './broker/way.js';
import { runAction } from './exit/run-action.js';
import { durationFrom } from './options/duration.js';
import { type FilterOption, parseFilter, parseValues } from './options/filter-option.js';
import { integerBetween } from './options/integer.js';
import { switchOption } from './options/switch-option.js';
import { type Expectation, parseExpectation } from './subscribe/expectation.js';

/** What the options of `wsn subscribe` come to. */
export interface SubscribeOptions extends WayOptions {
  readonly url: string;
  readonly package?: string;
  readonly page: string;
  readonly channel?: readonly string[];
  readonly filter?: readonly FilterOption[];
  /** A file, or `-`. */
  readonly subscriptions?: string;
  /** How many of the last notifications come first. */
  readonly last?: number;
  readonly fromStart?: boolean;
  readonly json?: boolean;
  readonly count?: number;
  readonly expect?: readonly Expectation[];
  /** In ms. */
  readonly timeout?: number;
  /** False with `--no-reconnect`, `--no-input`, `--no-color`. */
  readonly reconnect: boolean;
  readonly input: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  wsn subscribe --package amaiia_msg_srv --channel 2,3
  wsn subscribe --package p --page machines --filter values.oee --filter values.line=4
  wsn subscribe --url wss://example.org --tls-ca ca.pem --token @token.jwt --package p
  wsn subscribe --package p --expect data.messageId=12345 --timeout 10s    wait for one, for a CI job
  wsn subscribe --package p --last 100 --expect data.messageId=12345 --timeout 10s    the same, if it may have come already

A filter NAME.NAME=VALUE,VALUE wants one of these values, compared as text; NAME.NAME wants any value. All must hold.
On a terminal: p pauses, c changes the subscription, s shows statistics, q quits, ? shows the keys.

Piped or with --json, each notification is one line {"notification":{…},"position":{"epoch":"…","offset":…}}, with the
notification as it was published (and no position where the broker does not speak wsn.v1). stdout has nothing else;
once the subscription is in force, stderr says "subscribed to …".

With --expect only notifications that hold everything expected are printed and counted; its path may be a JSON pointer,
too (/data/messageId=12345). Values compare as text, objects and arrays as compact JSON. Ends with 0 when all has come, 8
when it has not by --timeout, 3 when there is no broker (or it cannot be reached, with --no-reconnect), 4 when the broker
refuses or the reader of stdout has gone before all has come, 130 when interrupted before.

--last and --from-start begin with what the broker keeps (wsn.v1 only) and what the filters match, counted for each
subscription. With --timeout the first of them is enough, unless --count or --expect says for how many to wait. When the
line breaks it connects again, goes on where it was, and stderr says "connected again, 7 recovered", or where something
may be missing.`;

/** `wsn subscribe`: prints notifications as they come. */
export function subscribeCommand(): Command {
  const command = new Command('subscribe').description('Print notifications as they come').addHelpText('after', EXAMPLES);
  for (const option of [urlOption(), ...wayOptions('subscriber'), ...wishOptions(), ...pastOptions(), ...endOptions(), ...outputOptions()])
    command.addOption(option);
  return command.action(
    runAction(async (options: SubscribeOptions) => {
      const { watchNotifications } = await import('./subscribe/watch-notifications.js');
      return watchNotifications(options);
    }),
  );
}

function wishOptions(): Option[] {
  return [
    new Option('--package <name>', 'package of the notifications'),
    new Option('--page <name>', 'page of the notifications').default('messages'),
    new Option('-c, --channel <value>', 'short for the filter values.channel; several times, or a list with commas').argParser(
      (value, previous: readonly string[] | undefined) => [...(previous ?? []), ...parseValues(value)],
    ),
    new Option('-f, --filter <path[=values]>', 'what the filters of the notifications must hold; several times').argParser(
      (value, previous: readonly FilterOption[] | undefined) => [...(previous ?? []), parseFilter(value)],
    ),
    new Option('--subscriptions <file>', "JSON with a subscription, an array of them, or a subscriber's message; - for stdin").conflicts([
      'package',
      'channel',
      'filter',
    ]),
  ];
}

function pastOptions(): Option[] {
  const most = LIMITS.replayNotifications;
  return [
    new Option('--last <number>', `begin with so many of the last notifications, at most ${most}`)
      .argParser(integerBetween(1, most))
      .conflicts('fromStart'),
    new Option('--from-start', `begin with all that the broker keeps, at most ${most}; says where that is not all there was`),
  ];
}

function endOptions(): Option[] {
  return [
    new Option('-n, --count <number>', 'end after so many notifications').argParser(integerBetween(1)),
    new Option('--expect <path=value>', 'wait for a notification that holds this; several times, all must hold').argParser(
      (value, previous: readonly Expectation[] | undefined) => [...(previous ?? []), parseExpectation(value)],
    ),
    new Option('--timeout <duration>', 'give up (exit 8) when --count or --expect, else one notification, have not come by then').argParser(
      durationFrom(1),
    ),
    new Option('--no-reconnect', 'end (exit 3) when the broker cannot be reached or the line breaks'),
  ];
}

function outputOptions(): Option[] {
  return [
    switchOption('--json', 'one JSON object a line, on a terminal too', 'WSN_JSON'),
    new Option('--no-input', 'never ask, and read no keys'),
    new Option('--no-color', 'no colours on a terminal (NO_COLOR does the same)'),
  ];
}
