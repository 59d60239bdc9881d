import { readFileSync } from 'node:fs';
import { BlockList, isIPv6 } from 'node:net';
import { parseArgs } from 'node:util';

const number = (fallback) => ({ type: 'string', default: fallback });

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    break: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    tolerant: { type: 'boolean', default: false },
    'allow-publish': { type: 'string', multiple: true, default: [] },
    'ping-interval': number('25000ms'),
    'handshake-timeout': number('10000ms'),
    'slow-reader-timeout': number('1000ms'),
    'max-outbox': number('4194304B'),
    'drain-timeout': number('1500ms'),
    'drain-seconds': number('0ms'),
    'reconnect-jitter': number('3000ms'),
    'history-notifications': number('10000'),
    data: { type: 'string' },
    durability: { type: 'string', default: 'batched' },
    'first-message-timeout': number('10000ms'),
    'auth-secret-file': { type: 'string' },
    'auth-query-token': { type: 'boolean', default: false },
    'api-key': { type: 'string', multiple: true, default: [] },
    'anonymous-subscribe': { type: 'string', default: 'none' },
    'anonymous-publish': { type: 'string', default: 'none' },
    'allow-origin': { type: 'string', multiple: true, default: [] },
  },
});

/** What the command line says; durations in ms, sizes in bytes. */
export const settings = {
  port: Number(positionals[0]),
  breaks: values.break,
  list: values.list,
  tolerant: values.tolerant,
  heartbeatMs: Number.parseInt(values['ping-interval'], 10),
  handshakeMs: Number.parseInt(values['handshake-timeout'], 10),
  maxOutbox: Number.parseInt(values['max-outbox'], 10),
  drainTimeoutMs: Number.parseInt(values['drain-timeout'], 10),
  /** Over which time a shutdown spreads its closes. */
  drainMs: Number.parseInt(values['drain-seconds'], 10),
  jitterMs: Number.parseInt(values['reconnect-jitter'], 10),
  historyNotifications: Number.parseInt(values['history-notifications'], 10),
  /** The folder of the log; none: what was published lives as long as the process. Each record is on its way to the disk at once. */
  data: values.data,
  /** The addresses that may publish beside loopback. */
  publishers: publishers(values['allow-publish']),
  firstMessageMs: Number.parseInt(values['first-message-timeout'], 10),
  secret: values['auth-secret-file'] === undefined ? undefined : readFileSync(values['auth-secret-file'], 'utf8').trim(),
  queryToken: values['auth-query-token'],
  /** Digest → name. */
  keys: new Map(values['api-key'].flatMap((each) => each.split(',')).map((each) => each.split('=').reverse())),
  /** What somebody may do who shows neither a token nor a key. */
  anonymous: { subscribe: grants(values['anonymous-subscribe']), publish: grants(values['anonymous-publish']) },
  origins: values['allow-origin'].flatMap((each) => each.split(',')),
};

function grants(text) {
  if (text === 'none') return [];
  return text === 'all' ? 'all' : JSON.parse(text);
}

function publishers(networks) {
  const list = new BlockList();
  for (const network of networks.flatMap((each) => each.split(','))) {
    const [address, prefix] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
