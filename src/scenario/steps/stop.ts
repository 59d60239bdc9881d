import { setTimeout as delay } from 'node:timers/promises';
import { duration, either, type Infer, oneOf, record } from '../../document/index.js';
import { StepFailure } from '../run/step-failure.js';
import type { StepDefinition } from './step-definition.js';

const signal = oneOf('The signal', ['TERM', 'INT', 'KILL']);

const shape = either('Sends the server a signal', {
  scalar: signal,
  map: record('Sends the server a signal, and waits for its end', {
    signal,
    within: duration('How long its process may take to end'),
  }),
});

export const stop: StepDefinition<Infer<typeof shape>> = {
  word: 'stop',
  about: 'Sends the server a signal; needs a server of its own',
  shape,
  clients: () => [],
  async run(args, { server }) {
    if (!server) throw new StepFailure('stop needs "server: own" in this scenario, so that no other one uses the server');
    const { signal: name, within } = typeof args === 'string' ? { signal: args, within: undefined } : args;
    server.stop(`SIG${name}`);
    if (within === undefined) return;
    const isLate = await Promise.race([server.ended().then(() => false), delay(within, true, { ref: false })]);
    if (isLate) throw new StepFailure(`the server still runs ${within} ms after SIG${name}`, { pointer: '/within' });
  },
};
