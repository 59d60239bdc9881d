import { setTimeout as delay } from 'node:timers/promises';
import { duration, type Infer, record, text } from '../../document/index.js';
import type { StepDefinition } from './step-definition.js';

const shape = record('Waits; discouraged', {
  for: duration('How long, such as 300ms'),
  because: text('Why nothing that happens can be waited for'),
});

export const sleep: StepDefinition<Infer<typeof shape>> = {
  word: 'sleep',
  about: 'Waits a while; discouraged: expect, ready and fence wait for what happens',
  shape,
  clients: () => [],
  run: (args) => delay(args.for),
};
