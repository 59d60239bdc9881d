import { expect } from 'vitest';
import type { Receipt } from '../../src/protocol/index.js';
import type { RunPhp } from './php.js';

/** The class that a back-end copies. */
export const NOTIFIER = 'examples/php/Notifier.php';

/** PHP that publishes the least that there is. */
export const CALL = "$notifier->notify(['package' => 'p', 'page' => 'q'])";

/** What has become of a call. */
export interface Outcome {
  /** With HTTP; null with a socket. */
  readonly receipt?: Receipt | null;
  /** Of a NotifierException. */
  readonly outcome?: 'not sent' | 'refused' | 'uncertain';
  readonly code?: number;
  readonly retryAfter?: number | null;
  /** Of an InvalidArgumentException. */
  readonly isInvalid?: true;
  /** Of either, with `…` for the URL of the broker. */
  readonly message?: string;
}

export interface BackEnd {
  readonly url: string;
  /** PHP of the second argument of the constructor; without retries by default. */
  readonly options?: string;
  /** PHP expressions, one after the other with the same `$notifier`; one CALL by default. */
  readonly calls?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** PHP of functions that Notifier calls instead of those of PHP with the same names. */
  readonly fakes?: string;
}

/** PHP that prints a line of JSON for each call. */
export function scriptOf({ url, options = "['retries' => 0]", calls = [CALL], fakes }: BackEnd, file = NOTIFIER): string {
  const script = `
    require_once '${file}';
    $tell = static function (callable $call): void {
        try {
            $told = ['receipt' => $call()];
        } catch (Wsn\\NotifierException $error) {
            $told = ['outcome' => $error->outcome(), 'code' => $error->getCode(), 'retryAfter' => $error->retryAfter()];
        } catch (InvalidArgumentException $error) {
            $told = ['isInvalid' => true];
        }
        echo json_encode($told + (isset($error) ? ['message' => $error->getMessage()] : [])), "\\n";
    };
    $notifier = null;
    $tell(static function () use (&$notifier) { $notifier = new Wsn\\Notifier('${url}', ${options}); return null; });
    ${calls.map((call) => `if ($notifier) $tell(static fn () => ${call.replace('$notifier', () => '$GLOBALS["notifier"]')});`).join('\n    ')}
  `;
  return fakes === undefined ? script : `namespace Wsn { ${fakes} } namespace { ${script} }`;
}

/** What the lines of that say: of the constructor when it throws, else of the calls. */
export function outcomesOf(stdout: string, url: string): readonly Outcome[] {
  const [constructed, ...called] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome)
    .map((told) => (told.message === undefined ? told : { ...told, message: told.message.replaceAll(url, '…') }));
  return constructed?.message === undefined ? called : [constructed];
}

/** Runs a back-end to its end; PHP must have nothing to complain about. */
export async function runNotifier(php: RunPhp, backEnd: BackEnd): Promise<readonly Outcome[]> {
  const { stdout, stderr } = await php(['-r', scriptOf(backEnd)], 20_000, backEnd.env);
  expect(stderr).toBe('');
  return outcomesOf(stdout, backEnd.url);
}

/** The same for one call. */
export async function callNotifier(php: RunPhp, backEnd: BackEnd): Promise<Outcome> {
  const outcomes = await runNotifier(php, backEnd);
  expect(outcomes).toHaveLength(1);
  return outcomes[0] as Outcome;
}
