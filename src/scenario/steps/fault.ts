import { exactly, type Infer, integer, oneOf, optional, record } from '../../document/index.js';
import { clientName } from '../file/client-name.js';
import type { Fault } from '../net/fault-proxy.js';
import type { ServerControl } from '../run/scene.js';
import { StepFailure } from '../run/step-failure.js';
import type { StepDefinition } from './step-definition.js';

const shape = record(
  'Does something bad to the line of a client, or restarts the server',
  {
    client: optional(clientName('The client whose line it is')),
    delayMs: optional(integer('Delays what passes, both ways; 0 mends', { least: 0, most: 60_000 })),
    bytesPerSecond: optional(integer('Lets so much pass from the server; 0 mends', { least: 0 })),
    halfOpen: optional(exactly(true)),
    reset: optional(exactly(true)),
    cutAfterBytes: optional(integer('A reset after so many more bytes', { least: 0 })),
    from: optional(oneOf('Whose bytes are counted by cutAfterBytes; client by default', ['client', 'server'])),
    restart: optional(oneOf('Ends the server with this signal and starts it again', ['TERM', 'KILL'])),
  },
  {
    exactlyOne: [
      ['delayMs', 'bytesPerSecond', 'halfOpen', 'reset', 'cutAfterBytes', 'restart'],
      ['client', 'restart'],
    ],
    onlyWith: { from: ['cutAfterBytes'] },
  },
);

export const fault: StepDefinition<Infer<typeof shape>> = {
  word: 'fault',
  about: 'Does something bad to the line of a client, or restarts the server',
  shape,
  clients: (args) => (args.client === undefined ? [] : [args.client]),
  async run(args, scene) {
    if (args.restart !== undefined) {
      if (!scene.server) throw new StepFailure('restart needs "server: own" in this scenario, so that no other one uses the server');
      await restart(scene.server, args.restart);
      return;
    }
    const name = args.client as string;
    const line = scene.line(name);
    if (line.isRaw && line.kind === 'idle') await line.connect(await scene.endpointOf(name), scene.stepTimeoutMs);
    else await scene.openLine(name);
    const proxy = await scene.proxy(name);
    line.note(`fault: ${JSON.stringify({ ...args, client: undefined })}`);
    proxy.apply(faultOf(args));
  },
};

/** @throws StepFailure when the server does not come back. */
async function restart(server: ServerControl, signal: 'TERM' | 'KILL'): Promise<void> {
  try {
    await server.restart(`SIG${signal}`);
  } catch (error) {
    const [why, ...wrote] = (error as Error).message.split('\n');
    throw new StepFailure(`the server did not start again: ${why}`, { actual: wrote.join('\n'), pointer: '/restart' });
  }
}

function faultOf(args: Infer<typeof shape>): Fault {
  if (args.delayMs !== undefined) return { delayMs: args.delayMs };
  if (args.bytesPerSecond !== undefined) return { bytesPerSecond: args.bytesPerSecond };
  if (args.halfOpen) return { halfOpen: true };
  if (args.reset) return { reset: true };
  return { cutAfterBytes: args.cutAfterBytes ?? 0, from: args.from ?? 'client' };
}
