import { Command, Option } from 'commander';
import { runAction } from './exit/run-action.js';
import { withVariable } from './options/variable.js';
import { type TokenKeyOptions, tokenKeyOptions } from './token/token-key-options.js';

export interface ExplainOptions extends TokenKeyOptions {
  /** Only with a token it may be left out. */
  readonly subscription?: string;
  readonly notification: string;
  /** A token, or `@` and the file that holds it. */
  readonly token?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  wsn explain --subscription s.json --notification n.json
  wsn explain -s s.json -n n.json --token @token.jwt --secret-file secret.txt
  wsn explain -n n.json --token @token.jwt
  wsn subscribe --package p --json --count 1 | jq .notification | wsn explain --subscription s.json --notification -

The subscription is one, an array of them, or a subscriber's whole message; the notification is bare or a publisher's
whole message. Exits with 0 when it matches and with 4 when it does not. --json prints one object:
{"matches":…,"matching":[indexes],"subscriptions":[{"accepted":…,"what":…,"because":…,"hint":…,"parts":[…]}]}

With --token it is about a peer that brings this token: the notification is delivered when a subscription matches and a
grant of the token lets it through, and "matches" means both; --json has "granting":[indexes], "grants":[…] and
"mayPublish", too. Without --subscription it is about the grants alone: which of them let the notification through to a
subscriber, and whether the token may publish it. Nothing proves who wrote the token unless a key checks it. With
--subscription a WSN_TOKEN that is no JWT is passed over: what it lets through only its broker knows.`;

/** `wsn explain`: why a subscription matches a notification, or why not. No broker is needed. */
export function explainCommand(): Command {
  const command = new Command('explain')
    .description('Tell why a subscription matches a notification, or why not')
    .option('-s, --subscription <file>', 'what is wanted, - for stdin; only with a token it may be left out')
    .requiredOption('-n, --notification <file>', 'what is given, - for stdin')
    .addOption(withVariable(new Option('--token <token>', 'what a peer with this token gets; @FILE reads it from a file'), 'WSN_TOKEN'))
    .option('--json', 'print the reasons as one JSON object')
    .option('--no-color', 'no colours on a terminal (NO_COLOR does the same)')
    .addHelpText('after', EXAMPLES);
  for (const option of tokenKeyOptions('flags')) command.addOption(option);
  return command.action(
    runAction(async (options: ExplainOptions, self: Command) => {
      const { explainFiles } = await import('./explain/explain-files.js');
      return explainFiles(options, self.getOptionValueSource('token') === 'env');
    }),
  );
}
