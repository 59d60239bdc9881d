import { Command } from 'commander';
import { runAction } from './exit/run-action.js';

export interface ExplainOptions {
  readonly subscription: string;
  readonly notification: string;
  readonly json?: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  wsn explain --subscription s.json --notification n.json
  wsn subscribe --package p --json --count 1 | jq .notification | wsn explain --subscription s.json --notification -

The subscription is one, an array of them, or a subscriber's whole message; the notification is bare or a publisher's
whole message. Exits with 0 when it matches and with 4 when it does not. --json prints one object:
{"matches":…,"matching":[indexes],"subscriptions":[{"accepted":…,"what":…,"because":…,"hint":…,"parts":[…]}]}`;

/** `wsn explain`: why a subscription matches a notification, or why not. No broker is needed. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('Tell why a subscription matches a notification, or why not')
    .requiredOption('-s, --subscription <file>', 'what is wanted, - for stdin')
    .requiredOption('-n, --notification <file>', 'what is given, - for stdin')
    .option('--json', 'print the reasons as one JSON object')
    .option('--no-color', 'no colours on a terminal (NO_COLOR does the same)')
    .addHelpText('after', EXAMPLES)
    .action(
      runAction(async (options: ExplainOptions) => {
        const { explainFiles } = await import('./explain/explain-files.js');
        return explainFiles(options);
      }),
    );
}
