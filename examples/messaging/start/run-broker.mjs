import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CannotStart } from './cannot-start.mjs';
import { say } from './say.mjs';

const WSN = fileURLToPath(new URL('../../../dist/bin/wsn.js', import.meta.url));
const SCHEMAS = fileURLToPath(new URL('../schemas', import.meta.url));

/**
 * A broker that can be killed and started again: its log is on disk, so it goes on where it stood.
 * @param options `{ port, folder, origins }`: the folder of its log, and the origins whose pages may read. Any other page that is open in
 *   a browser on this machine could, too.
 * @throws CannotStart when wsn is not built, the port is taken, or another broker has the folder.
 */
export async function startBroker(processes, { port, folder, origins }) {
  if (!existsSync(WSN)) throw new CannotStart('wsn is not built: npm run build');
  let running;
  const broker = {
    port,
    /** Kills the broker, or starts it again, in turn. */
    async toggle() {
      if (running) {
        const { stop } = running;
        running = undefined;
        await stop('SIGKILL');
        say('the broker was killed: b and Enter starts it again');
        return;
      }
      running = await run(processes, { port: broker.port, folder, origins });
      broker.port = running.ready;
      say(`the broker listens on ws://127.0.0.1:${broker.port}`);
    },
  };
  await broker.toggle();
  return broker;
}

function run(processes, { port, folder, origins }) {
  const where = ['--host', '127.0.0.1', '--port', String(port), '--data', folder, '--schemas', SCHEMAS];
  // Few come back here, and nobody wants to wait.
  const how = ['--reconnect-jitter', '1s', '--log-level', 'warn', '--log-format', 'json'];
  const whom = origins.flatMap((origin) => ['--allow-origin', origin]);
  const args = [WSN, 'serve', ...where, ...whom, ...how];
  return processes.start({ name: 'broker', file: process.execPath, args }, (line) => {
    const entry = asEntry(line);
    if (entry?.msg === 'listening') return entry.port;
    if (/something listens there already/.test(line)) {
      throw new CannotStart(`something listens on port ${port} already: choose another with --broker-port, or 0 for any free one`);
    }
    if (/is in use by another broker/.test(line)) throw new CannotStart(line.replace(/^wsn: /, ''));
    say(`broker: ${entry?.msg ?? line}`);
    return undefined;
  });
}

function asEntry(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
