import { setTimeout as delay } from 'node:timers/promises';
import { duration, type Infer, json, optional, record, text } from '../../document/index.js';
import type { Json } from '../../protocol/index.js';
import { dropAbsent } from '../file/substitute.js';
import { assertAnswer } from '../run/publish.js';
import { StepFailure } from '../run/step-failure.js';
import { fromHex } from './frame-shapes.js';
import { save, saveShape } from './save.js';
import { client, headers, pattern } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

const POLL_MS = 20;

const shape = record(
  'Sends an HTTP request',
  {
    client,
    method: optional(text('GET by default, POST with a body')),
    path: optional(text('/ by default')),
    headers: optional(headers),
    json: optional(json('The body, sent as application/json')),
    text: optional(text('The body as text')),
    hex: optional(text('The body in hex')),
    expect: optional(
      record('What the answer has to be', {
        status: optional(pattern('The status; 200 by default')),
        headers: optional(pattern('The headers, by lower-case name')),
        body: optional(pattern('The body, parsed where it is JSON')),
        reused: optional(pattern('Whether the connection of the request before was used again')),
      }),
    ),
    within: optional(duration('Asks again, for so long, until the answer is as expected')),
    save: optional(saveShape),
  },
  { atMostOne: [['json', 'text', 'hex']], onlyWith: { within: ['expect'] } },
);

export const http: StepDefinition<Infer<typeof shape>> = {
  word: 'http',
  about: 'Sends an HTTP request, and checks the answer',
  shape,
  clients: (args) => [args.client],
  async run(given, scene) {
    const api = await scene.http(given.client);
    const args = scene.resolve(given);
    const body = bodyOf(args);
    if (body !== undefined) scene.hasPublishedUnseen = true;
    const type = args.json === undefined ? {} : { 'Content-Type': 'application/json' };
    const request = {
      method: args.method ?? (body === undefined ? 'GET' : 'POST'),
      path: args.path ?? '/',
      headers: { ...type, ...args.headers },
      body,
    };
    const lastAt = performance.now() + (args.within ?? 0);
    for (;;) {
      const { status, headers: found, body: answered, reused } = await api.request(request, scene.stepTimeoutMs);
      const answer = { status, headers: found as Record<string, string>, body: answered, reused };
      try {
        assertAnswer({ status: 200, ...args.expect }, answer, '/expect');
        return save(scene, args.save, answer);
      } catch (error) {
        if (!(error instanceof StepFailure) || performance.now() >= lastAt) throw error;
        await delay(POLL_MS);
      }
    }
  },
};

function bodyOf(args: Infer<typeof shape>): string | Uint8Array | undefined {
  if (args.hex !== undefined) return fromHex(args.hex);
  return args.json === undefined ? args.text : JSON.stringify(dropAbsent(args.json as Json));
}
