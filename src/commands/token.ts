import { Command, Option } from 'commander';
import { runAction } from './exit/run-action.js';
import { durationFrom } from './options/duration.js';
import { withVariable } from './options/variable.js';
import { audienceOption, tokenKeyOptions } from './token/token-key-options.js';

const EXAMPLES = `
Examples:
  wsn token secret > secret.txt
  wsn serve --auth-secret-file secret.txt
  wsn token mint --secret-file secret.txt --sub 5 --subscribe 'amaiia_msg_srv/*' > token.jwt
  wsn subscribe --token @token.jwt --package amaiia_msg_srv
  wsn token inspect @token.jwt --secret-file secret.txt
  wsn token key --name php

For development: in production your back-end mints the tokens, and no one else has the secret.`;

const MINT_EXAMPLES = `
Examples:
  wsn token mint --secret-file secret.txt --sub 5 --subscribe 'amaiia_msg_srv/*' --expires-in 8h
  wsn token mint --key private.pem --subscribe '{"package":"p","page":"*","filters":{"values":{"channel":["2","3"]}}}'
  wsn token mint --secret-file secret.txt --publish '*/*' --expires-in never

A grant is PACKAGE/PAGE, with * for any, or JSON: one grant with filters, or an array of them. Without any the token grants
nothing. The secret may also stand in WSN_AUTH_SECRET; there is no flag for it, since lists of processes show those.`;

const INSPECT_EXAMPLES = `
The token is given as it is, as @FILE, or - for stdin; without it, it is WSN_TOKEN or what is piped to stdin. With a key it
is checked as a broker with the same settings would (exit 4 when it would refuse), without one nothing of it is proved.`;

/** `wsn token`: tokens and keys for development. */
export function tokenCommand(): Command {
  return new Command('token')
    .description('Make and read tokens, keys and secrets, for development')
    .addHelpText('after', EXAMPLES)
    .addCommand(mintCommand())
    .addCommand(inspectCommand())
    .addCommand(keyCommand())
    .addCommand(secretCommand());
}

function mintCommand(): Command {
  const collect = (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value];
  const options = [
    withVariable(new Option('--secret-file <file>', 'the secret to sign with, without its line end'), 'WSN_AUTH_SECRET_FILE'),
    new Option('--key <file>', 'the private key to sign with, PEM: RSA, EC or Ed25519'),
    new Option('--alg <name>', 'signature algorithm (default: HS256, or what the key is for)'),
    new Option('--sub <subject>', 'whom the token is for'),
    new Option('--subscribe <grant>', 'what may be heard; several times').argParser(collect),
    new Option('--publish <grant>', 'what may be published; several times').argParser(collect),
    new Option('--expires-in <duration>', 'how long it is good, or never').default(3_600_000, '1h').argParser(readExpiry),
    new Option('--issuer <name>', 'who has made it (iss)'),
    audienceOption('for which broker it is (aud); several times, or with commas'),
    new Option('--key-id <id>', 'which key of a JWKS verifies it (kid)'),
    new Option('--json', 'print {"token":…,"header":…,"claims":…}'),
  ];
  const command = new Command('mint').description('print a token').addHelpText('after', MINT_EXAMPLES);
  for (const option of options) command.addOption(option);
  return command.action(
    runAction(async (given, self: Command) => {
      const { mintToken } = await import('./token/mint-token.js');
      return mintToken(given, self.getOptionValueSource('secretFile') === 'env');
    }),
  );
}

function inspectCommand(): Command {
  const command = new Command('inspect')
    .description('show what a token says, and whether a broker would take it')
    .argument('[token]', 'the token, @FILE, or - for stdin')
    .addHelpText('after', INSPECT_EXAMPLES);
  for (const option of tokenKeyOptions('environment')) command.addOption(option);
  return command
    .option('--json', 'print it as one JSON object')
    .option('--no-color', 'no colours on a terminal (NO_COLOR does the same)')
    .action(
      runAction(async (token: string | undefined, given) => {
        const { inspectToken } = await import('./token/inspect-token.js');
        return inspectToken(token, given);
      }),
    );
}

function keyCommand(): Command {
  return new Command('key')
    .description('make an API key for a publisher: the key on stdout, what the broker has to know of it on stderr')
    .requiredOption('--name <name>', 'what the broker calls it in its log')
    .option('--json', 'print {"name":…,"key":…,"sha256":…}, and nothing on stderr')
    .action(
      runAction(async (given: { readonly name: string; readonly json?: boolean }) => {
        const { makeKey } = await import('./token/make-key.js');
        return makeKey(given);
      }),
    );
}

function secretCommand(): Command {
  return new Command('secret').description('print a random secret, long enough for HS256, HS384 and HS512').action(
    runAction(async () => {
      const { makeSecret } = await import('./token/make-key.js');
      return makeSecret();
    }),
  );
}

const aWhile = durationFrom(1000);

/** ms, or `undefined` for a token without an end. */
function readExpiry(value: string): number | 'never' {
  return value === 'never' ? value : aWhile(value);
}
