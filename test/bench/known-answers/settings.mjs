import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    v1: { type: 'boolean', default: false },
    delay: { type: 'string' },
    'stall-once': { type: 'string' },
    'drop-every': { type: 'string' },
    'duplicate-every': { type: 'string' },
    'misdeliver-every': { type: 'string' },
    'corrupt-every': { type: 'string' },
    'swap-every': { type: 'string' },
    'refuse-every': { type: 'string' },
    'close-subscriber-after': { type: 'string' },
    'late-subscribe': { type: 'string' },
    reencode: { type: 'boolean', default: false },
    'no-pong': { type: 'boolean', default: false },
    'no-ack': { type: 'boolean', default: false },
  },
});

/** Which mistakes the server makes. Times are in ms; 0, or a count that is missing, means never. */
export const settings = {
  port: wholeNumber('port'),
  speaksV1: values.v1,
  delayMs: wholeNumber('delay') ?? 0,
  stall: stallOf(values['stall-once']),
  dropEvery: wholeNumber('drop-every'),
  duplicateEvery: wholeNumber('duplicate-every'),
  misdeliverEvery: wholeNumber('misdeliver-every'),
  corruptEvery: wholeNumber('corrupt-every'),
  swapEvery: wholeNumber('swap-every'),
  refuseEvery: wholeNumber('refuse-every'),
  closeSubscriberAfter: wholeNumber('close-subscriber-after'),
  lateSubscribeMs: wholeNumber('late-subscribe') ?? 0,
  reencodes: values.reencode,
  answersPings: !values['no-pong'],
  acknowledges: !values['no-ack'],
};

function wholeNumber(name) {
  const text = values[name];
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name}: expected a whole number from 1 on, found ${text}`);
  return Number(text);
}

/** `1000@5000`: stands still for 1 s, 5 s after the first delivery of the load. */
function stallOf(text) {
  if (text === undefined) return undefined;
  const [, forMs, afterMs] = /^(\d+)@(\d+)$/.exec(text) ?? [];
  if (forMs === undefined) throw new Error(`--stall-once: expected for@after in ms, as in 1000@5000, found ${text}`);
  return { forMs: Number(forMs), afterMs: Number(afterMs) };
}
