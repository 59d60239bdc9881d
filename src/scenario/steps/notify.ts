import { type Infer, integer, json, optional, record, text } from '../../document/index.js';
import { isObject, type Json, type JsonObject } from '../../protocol/index.js';
import type { Arrival } from '../client/arrival.js';
import type { LineClient } from '../client/line-client.js';
import { clientName } from '../file/client-name.js';
import { dropAbsent } from '../file/substitute.js';
import type { Published } from '../run/ledger.js';
import { assertAnswer, assertServed, publishEphemeral } from '../run/publish.js';
import type { Scene } from '../run/scene.js';
import { StepFailure } from '../run/step-failure.js';
import { save, saveShape } from './save.js';
import { pattern } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

const shape = record(
  'Publishes a notification, and checks the answer',
  {
    as: optional(text('Its name, for expect')),
    via: optional(clientName('Who sends it; without it an ephemeral publisher')),
    package: optional(json('The package of the scenario where it is left out')),
    page: optional(json('messages where it is left out')),
    filters: optional(json('What subscriptions are compared with')),
    data: optional(json('For the subscribers')),
    message: optional(json('For the subscribers')),
    with: optional(json('Further members, an object')),
    text: optional(text('The notification as JSON text, relayed as it is')),
    times: optional(integer('How many are sent, all under the same name', { least: 1, most: 100_000 })),
    parallel: optional(integer('How many at a time', { least: 1, most: 1000 })),
    size: optional(integer('Bytes up to which the whole message is filled', { least: 1 })),
    id: optional(json('Id of the message (wsn.v1)')),
    key: optional(json('Idempotency key (wsn.v1, HTTP)')),
    answer: optional(pattern('What comes back')),
    save: optional(saveShape),
  },
  {
    atMostOne: [
      ['text', 'package'],
      ['text', 'page'],
      ['text', 'filters'],
      ['text', 'data'],
      ['text', 'message'],
      ['text', 'with'],
    ],
  },
);

type Args = Infer<typeof shape>;

/** A way to publish: sends it, waits for the answer, and checks it. */
type Publish = (args: Args, scene: Scene) => Promise<Json>;

export const notify: StepDefinition<Args> = {
  word: 'notify',
  about: 'Publishes a notification, and checks the answer',
  shape,
  clients: (args) => (args.via === undefined ? [] : [args.via]),
  async run(given, scene) {
    const args = scene.resolve(given);
    const publish = await wayOf(args, scene);
    let left = args.times ?? 1;
    let last: Json = null;
    const worker = async () => {
      try {
        while (left-- > 0 && !scene.isOver) last = await publish(args, scene);
      } catch (error) {
        left = 0;
        throw error;
      }
    };
    // Those under way are waited for: nothing of a step goes on behind it.
    const ends = await Promise.allSettled(Array.from({ length: args.parallel ?? 1 }, worker));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
    save(scene, args.save, last);
  },
};

async function wayOf({ via }: Args, scene: Scene): Promise<Publish> {
  if (via === undefined) return ephemeral;
  if (scene.spec(via).kind === 'http') return overHttp;
  const line = await scene.openLine(via);
  return line.dialect === 'v1' ? withReceipt(line) : withoutAnswer(line);
}

const ephemeral: Publish = async (args, scene) => {
  const answer = await publishEphemeral(scene, entered(args, scene, baseMessage));
  if (args.answer === undefined) assertServed(answer);
  else assertAnswer(args.answer, answer);
  return answer;
};

/** The close, if the server closes a subscriber that has published, is the next steps' to expect. */
const withoutAnswer =
  (line: LineClient): Publish =>
  async (args, scene) => {
    line.send(baseMessage(entered(args, scene, baseMessage).text));
    return null;
  };

const withReceipt =
  (line: LineClient): Publish =>
  async (args, scene) => {
    const id = args.id ?? `notify-${scene.ledger.size + 1}`;
    const members = `"id":${JSON.stringify(id)}${args.key === undefined ? '' : `,"key":${JSON.stringify(args.key)}`}`;
    const wrap = (notification: string) => `{"sender":"server",${members},"notification":${notification}}`;
    const since = line.inbox.arrivals.length;
    line.send(wrap(entered(args, scene, wrap).text));
    const arrival = await line.until(() => claimedAnswer(line, id, since), scene.stepTimeoutMs);
    if (!arrival) {
      throw new StepFailure(
        `${line.name} published with the id ${JSON.stringify(id)}, and no answer with it came within ${scene.stepTimeoutMs} ms`,
        {
          actual: line.inbox.arrivals.map(({ text: found }) => found).join('\n'),
          rule: 'R-5.7',
        },
      );
    }
    assertAnswer(args.answer ?? { receipt: { position: { epoch: { $type: 'string' }, offset: { $type: 'integer' } } } }, arrival.message);
    return arrival.message;
  };

/** Claimed at once: another of the same id may be waiting for its own. */
function claimedAnswer({ inbox: { arrivals } }: LineClient, id: Json, since: number): Arrival | undefined {
  for (let at = since; at < arrivals.length; at++) {
    const arrival = arrivals[at] as Arrival;
    if (arrival.isClaimed || arrival.message.id !== id) continue;
    arrival.isClaimed = true;
    return arrival;
  }
  return undefined;
}

const overHttp: Publish = async (args, scene) => {
  const api = await scene.http(args.via as string);
  const { text: body } = entered(args, scene, (notification) => notification);
  const headers = { 'Content-Type': 'application/json', ...(typeof args.key === 'string' ? { 'Idempotency-Key': args.key } : {}) };
  const found = await api.request({ method: 'POST', path: '/notify', headers, body }, scene.stepTimeoutMs);
  const answer = { status: found.status, headers: found.headers as Record<string, string>, body: found.body, reused: found.reused };
  assertAnswer(args.answer ?? { status: 200 }, answer);
  return answer;
};

function baseMessage(notification: string): string {
  return `{"sender":"server","notification":${notification}}`;
}

/**
 * Writes the notification into the ledger, which marks it.
 * @throws StepFailure for a text that is no JSON object, and for a size that it has already.
 */
function entered(args: Args, scene: Scene, wrap: (notification: string) => string): Published {
  const notification = args.text ?? JSON.stringify(dropAbsent(built(args, scene)));
  const size = args.size === undefined ? undefined : args.size - Buffer.byteLength(wrap(''));
  try {
    return scene.ledger.add(notification, { name: args.as, size });
  } catch (error) {
    if (error instanceof RangeError) throw new StepFailure(error.message, { pointer: '/size' });
    throw new StepFailure(`the text is no JSON object: ${(error as Error).message}`, { pointer: '/text' });
  }
}

function built({ package: name, page, filters, data, message, with: others }: Args, scene: Scene): JsonObject {
  return {
    package: name ?? scene.package,
    page: page ?? 'messages',
    ...(filters === undefined ? {} : { filters }),
    ...(data === undefined ? {} : { data }),
    ...(message === undefined ? {} : { message }),
    ...(isObject(others) ? others : {}),
  };
}
