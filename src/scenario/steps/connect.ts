import { either, flag, type Infer, listOf, optional, record, text } from '../../document/index.js';
import type { UpgradeAnswer } from '../../peer/index.js';
import type { Json } from '../../protocol/index.js';
import { assertAnswer } from '../run/publish.js';
import { StepFailure } from '../run/step-failure.js';
import { save, saveShape } from './save.js';
import { client, headers, pattern } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

const answerShape = record('What the answer has to be', {
  status: optional(pattern('The status; 101 by default')),
  headers: optional(pattern('The headers, by lower-case name')),
  body: optional(pattern('The body, parsed where it is JSON')),
});

const full = record('Opens a client', {
  client,
  path: optional(text('Path of the request')),
  headers: optional(headers),
  subprotocols: optional(listOf('Subprotocols that are offered', text('A subprotocol'))),
  method: optional(text('Method of the request line')),
  version: optional(text('HTTP version of the request line, 1.1')),
  request: optional(text('The whole head of the request; lines are sent with CRLF')),
  glue: optional(text('A text message sent in the same segment')),
  end: optional(flag('Whether a FIN is sent right behind')),
  expect: optional(answerShape),
  save: optional(saveShape),
});

const shape = either('Opens a client', { scalar: client, map: full });

export const connect: StepDefinition<Infer<typeof shape>> = {
  word: 'connect',
  about: 'Opens a client, and checks the answer to its handshake',
  shape,
  clients: (args) => [typeof args === 'string' ? args : args.client],
  async run(given, scene) {
    const args = scene.resolve(typeof given === 'string' ? { client: given } : given) as Infer<typeof full>;
    const line = scene.line(args.client);
    const spec = scene.spec(args.client);
    if (line.kind === 'open')
      throw new StepFailure(`${line.name} is open already: a client connects again after its end, which expect-close waits for`);
    const endpoint = await scene.endpointOf(line.name);
    if (line.kind !== 'connected') await line.connect(endpoint, scene.stepTimeoutMs);
    const path = args.path ?? (spec.path === '/' ? undefined : spec.path);
    if (args.glue !== undefined) scene.hasPublishedUnseen = true;
    const answer = await line.handshake(
      endpoint,
      { ...args, path, headers: { ...spec.headers, ...args.headers }, subprotocols: args.subprotocols ?? spec.subprotocols },
      scene.stepTimeoutMs,
    );
    const value = { status: answer.status, headers: { ...answer.headers }, body: bodyOf(answer) };
    assertAnswer({ status: 101, ...args.expect }, value, '/expect');
    save(scene, args.save, value);
  },
};

function bodyOf({ status, rest }: UpgradeAnswer): Json {
  const body = status === 101 ? '' : rest.toString('utf8');
  try {
    return JSON.parse(body) as Json;
  } catch {
    return body;
  }
}
