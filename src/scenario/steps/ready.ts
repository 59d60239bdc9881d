import type { Infer } from '../../document/index.js';
import { awaitPong } from '../run/ready.js';
import { asList, clients } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

export const ready: StepDefinition<Infer<typeof clients>> = {
  word: 'ready',
  about: 'A ping and its pong: what the client sent before is in force (R-2.8)',
  shape: clients,
  clients: asList,
  async run(args, scene) {
    const names = new Set(asList(args)); // one that stands twice would be opened twice
    await Promise.all([...names].map(async (name) => awaitPong(scene, await scene.openLine(name))));
  },
};
