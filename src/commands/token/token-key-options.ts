import { Option } from 'commander';
import { withVariable } from '../options/variable.js';
import { parts } from '../settings/kinds.js';

/** The keys that a token is to be checked with, and what its claims have to be; under the names that commander gives them. */
export interface TokenKeyOptions {
  readonly secretFile?: string;
  readonly publicKey?: string;
  readonly jwks?: string;
  readonly issuer?: string;
  readonly audience?: readonly string[];
}

/** @param source whether they are also taken from the environment that the broker reads. */
export function tokenKeyOptions(source: 'environment' | 'flags'): Option[] {
  const option = (flags: string, description: string, variable: string) => {
    const made = new Option(flags, description);
    return source === 'environment' ? withVariable(made, variable) : made;
  };
  return [
    option('--secret-file <file>', "check the token with the broker's secret (also from WSN_AUTH_SECRET)", 'WSN_AUTH_SECRET_FILE'),
    option('--public-key <file>', 'check it with a public key or a certificate, PEM', 'WSN_AUTH_PUBLIC_KEY'),
    option('--jwks <file or url>', 'check it with a set of keys (JWKS)', 'WSN_AUTH_JWKS'),
    option('--issuer <name>', 'what its issuer (iss) has to be', 'WSN_AUTH_ISSUER'),
    audienceOption('one of these has to stand in aud; several times, or with commas'),
  ];
}

/** Audiences as `wsn serve --auth-audience` takes them: several times, or with commas between them. */
export function audienceOption(description: string): Option {
  return new Option('--audience <name>', description).argParser((value, previous: readonly string[] | undefined) => [
    ...(previous ?? []),
    ...parts(value),
  ]);
}
