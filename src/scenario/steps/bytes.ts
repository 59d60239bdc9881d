import { type Infer, integer, optional, record, text } from '../../document/index.js';
import { fromHex } from './frame-shapes.js';
import { client } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

const shape = record(
  'Sends bytes as they are',
  {
    client,
    text: optional(text('The bytes as text; lines end as they are written')),
    hex: optional(text('The bytes in hex')),
    chop: optional(integer('Bytes a write: each is a segment of its own', { least: 1 })),
  },
  { exactlyOne: [['text', 'hex']] },
);

export const bytes: StepDefinition<Infer<typeof shape>> = {
  word: 'bytes',
  about: 'Sends bytes as they are, also before the handshake',
  shape,
  clients: (args) => [args.client],
  async run(given, scene) {
    const line = scene.line(given.client);
    scene.hasPublishedUnseen = true;
    const { text: plain, hex = '', chop } = scene.resolve(given);
    if (line.kind === 'idle' && line.isRaw) await line.connect(await scene.endpointOf(line.name), scene.stepTimeoutMs);
    const target = line.kind === 'idle' ? await scene.openLine(line.name) : line;
    await target.bytes(plain === undefined ? fromHex(hex) : Buffer.from(plain), chop);
  },
};
