import { notice, publication, subscriptionsText, TOPIC } from '../support/peers.js';

/** Messages of peers of which nothing is wrong: most wounds leave something that nearly is a message. */
export const GOOD_MESSAGES: readonly Buffer[] = [
  subscriptionsText([{ ...TOPIC, filters: { values: { channel: ['2', '3', '5'], line: { on: true } } } }]),
  subscriptionsText([TOPIC, { package: 'p', page: 'q', filters: {} }], { id: '1', resume: [{ ...TOPIC, epoch: 'k', offset: 1 }] }),
  subscriptionsText([]),
  publication(notice({ text: 'é𝄞', deep: [[{ a: [1.5e3, null] }]] }, { values: '2', oee: [85.5, { a: true }] })),
  publication(notice(null), { id: '9', key: 'order-17' }),
  '{"sender":"client","id":"2","token":"a.b.c"}',
].map((text) => Buffer.from(text));

/** Bodies of `POST /notify`. */
export const GOOD_BODIES: readonly Buffer[] = [
  ...GOOD_MESSAGES.slice(3, 5),
  ...[JSON.stringify(notice({ id: 1 }, { values: '2' })), JSON.stringify({ notifications: [notice(1), notice('é', []), notice([])] })].map(
    (text) => Buffer.from(text),
  ),
];

/** What may stand under `subscribe` and `publish` in a token. */
export const GOOD_GRANTS: readonly Buffer[] = [
  [{ package: 'amaiia_msg_srv', page: '*', filters: { values: { channel: ['2', '3'] } } }],
  [
    { package: '*', page: '*' },
    { ...TOPIC, filters: [] },
  ],
  [],
].map((grants) => Buffer.from(JSON.stringify(grants)));
