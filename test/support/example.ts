import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environment, type RunningWsn, watchProcess } from './wsn.js';

const START = fileURLToPath(new URL('../../examples/messaging/start.mjs', import.meta.url));

/** The extensions of PHP that it takes. */
export const EXTENSIONS = ['curl', 'pdo_sqlite'] as const;

/** A message as the API of the example has it. */
export interface StoredMessage {
  readonly messageId: string;
  readonly channelId: string;
  readonly author: string;
  readonly text: string;
  readonly at: string;
}

/** The messaging example: broker, API, page. Its disposal does what Ctrl-C does. */
export interface Example extends AsyncDisposable {
  /** Of the page; the API is below. */
  readonly url: string;
  readonly brokerPort: number;
  readonly running: RunningWsn;
  /** Kills the broker with SIGKILL, as `b` and Enter does. */
  killBroker(): Promise<void>;
  /** Starts it again, on the same port and with the same log. */
  startBroker(): Promise<void>;
  /** Sends a message as another client does; the answer's status and body. */
  post(message: Readonly<Record<string, unknown>>): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
}

/** Runs `start.mjs` with `args` until it ends, or is stopped. */
export function spawnExample(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): RunningWsn {
  return watchProcess(spawn(process.execPath, [START, ...args], { env: environment(env), stdio: ['pipe', 'pipe', 'pipe'] }));
}

/** Starts the example on free ports; resolves when its page is there. */
export async function startExample(args: readonly string[] = []): Promise<Example> {
  const running = spawnExample(['--port', '0', '--broker-port', '0', ...args]);
  const [, url = ''] = await running.waitFor(/the example runs at (http:\S+):/);
  const [, brokerPort] = await running.waitFor(/the broker listens on ws:\/\/127\.0\.0\.1:(\d+)/);
  let lives = 1;
  return {
    url,
    brokerPort: Number(brokerPort),
    running,
    async killBroker() {
      running.stdin.write('b\n');
      await running.waitFor(new RegExp(`(the broker was killed[^]*){${lives}}`));
    },
    async startBroker() {
      lives += 1;
      running.stdin.write('b\n');
      await running.waitFor(new RegExp(`(the broker listens[^]*){${lives}}`));
    },
    async post(message) {
      const response = await fetch(`${url}/api/messages`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ clientId: crypto.randomUUID(), ...message }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async [Symbol.asyncDispose]() {
      running.kill('SIGINT');
      await running.exit;
    },
  };
}
