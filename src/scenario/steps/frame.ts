import { type Infer, integer, listOf, optional, record } from '../../document/index.js';
import { StepFailure } from '../run/step-failure.js';
import { frameMembers, frameShape, frameSpec, PAYLOADS } from './frame-shapes.js';
import { client } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

const shape = record(
  'Sends one frame, or several in one segment',
  {
    client,
    ...frameMembers,
    frames: optional(listOf('Several frames, sent in one segment', frameShape)),
    chop: optional(integer('Bytes a write: each is a segment of its own', { least: 1 })),
  },
  { atMostOne: [[...PAYLOADS, 'frames']] },
);

export const frame: StepDefinition<Infer<typeof shape>> = {
  word: 'frame',
  about: 'Sends one frame, right or wrong',
  shape,
  clients: (args) => [args.client],
  async run(given, scene) {
    const line = await scene.openLine(given.client);
    const args = scene.resolve(given);
    scene.hasPublishedUnseen = true;
    try {
      await line.sendFrames((args.frames ?? [args]).map(frameSpec), args.chop);
    } catch (error) {
      if (error instanceof RangeError) throw new StepFailure(error.message, { pointer: '/length' });
      throw error;
    }
  },
};
