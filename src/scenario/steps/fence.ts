import type { Infer } from '../../document/index.js';
import { judge } from '../run/fence.js';
import { asList, clients } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

export const fence: StepDefinition<Infer<typeof clients>> = {
  word: 'fence',
  about: 'Proves that nothing has come that no step has claimed, by a notification that must come after it',
  shape: clients,
  clients: asList,
  async run(args, scene) {
    for (const name of asList(args)) await judge(scene, await scene.openLine(name));
  },
};
