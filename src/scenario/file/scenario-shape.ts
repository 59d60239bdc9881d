import {
  either,
  flag,
  type Infer,
  integer,
  json,
  listOf,
  mapOf,
  nullable,
  oneOf,
  optional,
  quote,
  record,
  scalar,
  suggest,
  text,
} from '../../document/index.js';
import { RULES } from '../rules.js';
import { LEVELS } from '../scenario.js';
import { type AnyLoadDefinition, loadShape } from './load-shape.js';
import { type AnyStepDefinition, stepShape } from './step-shape.js';

const ID = /^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/;

const ms = (about: string) => optional(integer(`${about}, in ms`, { least: 0 }));
const amount = (about: string) => optional(integer(about, { least: 0 }));

const limit = (about: string) => amount(`${about}; 0: any number`);
const file = (about: string) => optional(text(`${about}; named from the folder of the scenario`));
const grants = (about: string) =>
  optional(
    either(`${about} (R-7.3)`, {
      scalar: oneOf('Everything or nothing', ['all', 'none']),
      list: listOf('Grants', json('A grant: package, page, filters; * is any name')),
    }),
  );

/** Who is let in, and to do what. */
const ACCESS = {
  authSecretFile: file('The secret of tokens of HS256, HS384 and HS512 (R-7.2)'),
  authPublicKey: file('The public key of tokens, PEM'),
  authJwks: file('The keys of tokens, JWKS'),
  authAlgorithms: optional(text('Algorithms that are taken, with commas between them')),
  authIssuer: optional(text('What the issuer of a token has to be')),
  authAudience: optional(text('What its audience has to be')),
  authClockToleranceMs: ms("How far the issuer's clock may differ"),
  authQueryToken: optional(flag('Whether a token may come as ?token=')),
  apiKeys: optional(text('Keys of publishers, as name=SHA-256 in hex with commas between them (R-7.2)')),
  firstMessageTimeoutMs: ms('How long a wsn.v1 client without a token may take to send one (R-5.10)'),
  anonymousSubscribe: grants('What clients without a token may hear'),
  anonymousPublish: grants('What they may publish'),
  allowOrigins: optional(text('Origins whose pages may connect, with commas between them (R-7.5)')),
  trustProxies: optional(text('Networks of proxies whose X-Forwarded-For is believed (R-7.5)')),
  schemas: file('A folder of JSON Schemas (R-7.7)'),
  schemaMode: optional(oneOf('What becomes of data that does not fit', ['enforce', 'observe'])),
};

/** How much of it. */
const LIMITS = {
  maxConnections: limit('Connections at a time'),
  maxConnectionsPerAddress: limit('Connections of one address at a time'),
  handshakesPerSecond: limit('Handshakes of one address in a second'),
  messagesPerSecond: limit('Messages of one client in a second'),
  messagesPerSecondPerAddress: limit('Messages of one address in a second'),
  publishesPerSecond: limit('Notifications of one publisher in a second'),
  maxSubscriptions: amount('Subscriptions in one message'),
  maxFilterValues: amount('Filter values in one message'),
  maxHeaderBytes: amount('The head of a handshake or request, in bytes'),
  permessageDeflate: optional(flag('Whether clients may compress')),
};

const SERVER = either('A server of its own: `own`, or the options that it is started with (PROTOCOL.md section 8)', {
  scalar: oneOf('A server that no other scenario uses, for `stop` and `fault: restart`', ['own']),
  map: record('The options that the server is started with', {
    maxMessageBytes: amount('Longest message or HTTP body, in bytes'),
    pingIntervalMs: ms('The heartbeat'),
    handshakeTimeoutMs: ms('How long a handshake may take'),
    maxOutboxBytes: amount('What may wait for one client, in bytes'),
    slowReaderTimeoutMs: ms('How long what waits may make no progress'),
    historyNotifications: amount('Notifications that are kept of one topic'),
    historyAgeMs: ms('How long they are kept'),
    historyBytes: amount('What is kept of all topics, in bytes'),
    data: optional(flag('Whether it has a log on disk, in a folder of its own that is removed afterwards')),
    durability: optional(oneOf('When a notification counts as logged there', ['batched', 'fsync'])),
    drainMs: ms('Over which time a shutdown spreads its closes'),
    reconnectJitterMs: ms('Over which time clients are to spread their coming back'),
    drainTimeoutMs: ms('How long a shutdown waits for what is under way'),
    tolerant: optional(flag('Whether an invalid message is passed over (R-4.4)')),
    allowPublish: optional(text('Who may publish, as addresses and networks with commas between them (R-7.1)')),
    ...ACCESS,
    ...LIMITS,
  }),
});

const CLIENT = record('A client; `{}` is a normal one', {
  kind: optional(oneOf('What speaks: a WebSocket client, one that does nothing by itself, or one for HTTP', ['normal', 'raw', 'http'])),
  subprotocols: optional(listOf('What the handshake offers', text('A subprotocol such as wsn.v1'))),
  path: optional(text('Of the handshake; / by default')),
  headers: optional(mapOf('Headers to add or replace', nullable(text('The value; null leaves the header out')))),
});

const RULE = scalar("a rule's id such as R-3.2", {
  read: (value) => (typeof value === 'string' && Object.hasOwn(RULES, value) ? value : undefined),
  complain: (value) => (typeof value === 'string' ? `there is no rule ${quote(value)} in PROTOCOL.md: ${rulesNear(value)}` : undefined),
  schema: { enum: Object.keys(RULES), description: 'A rule of PROTOCOL.md' },
});

const ID_SHAPE = scalar('an id such as match/list-against-scalar: small letters, digits and hyphens, with slashes between', {
  read: (value) => (typeof value === 'string' && ID.test(value) ? value : undefined),
  schema: { type: 'string', pattern: ID.source, description: 'Folder and name of the file, without .yaml; --only chooses by it' },
});

/** The rules of the section that the id names, or all of them: which one is meant is not to be guessed from a digit. */
function rulesNear(id: string): string {
  const [section] = /^R-\d+\./i.exec(id) ?? [];
  const near = Object.keys(RULES).filter((known) => section !== undefined && known.startsWith(section.toUpperCase()));
  return near.length > 0 ? `its section has ${near.join(', ')}` : suggest(id, Object.keys(RULES), 'rules');
}

/** What a file may have in it beside what every scenario has. */
export interface Vocabulary {
  /** The step words. */
  readonly steps: readonly AnyStepDefinition[];
  readonly load: AnyLoadDefinition;
}

/** A whole scenario file: its check after substitution, its type and its schema. */
export function scenarioShape({ steps, load }: Vocabulary) {
  const step = stepShape(steps);
  const members = {
    id: ID_SHAPE,
    title: text('What the server does, as a sentence in the present tense'),
    rule: either('The rule of PROTOCOL.md that is checked, or a list of them', {
      scalar: RULE,
      list: listOf('Several rules', RULE, { least: 1 }),
    }),
    level: oneOf('must: every server; should: every careful server; info: shown, never a failure', LEVELS),
    clients: optional(mapOf('The clients by their names', CLIENT)),
    publisher: optional(
      record('Publishers that are no clients: those of `notify` without `via`, and of fences', {
        headers: optional(mapOf('Headers of their handshakes', text('The value'))),
      }),
    ),
    matrix: optional(
      listOf('Rows of variables: the steps run once for each', mapOf('A row', json('A value of the variable')), { least: 1 }),
    ),
    server: optional(SERVER),
    steps: optional(listOf('Done one after the other; the first that fails ends the scenario', step, { least: 1 })),
    finally: optional(listOf('Done in any case at the end', step)),
    load: optional(loadShape(load)),
  };
  return record('A scenario: what a server has to do, step by step', members, { atLeastOne: [['steps', 'load']] });
}

/** What the shape makes of a file. */
export type ScenarioFile = Infer<ReturnType<typeof scenarioShape>>;
