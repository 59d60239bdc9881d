import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { addressBytes, isThisMachine, plainHost } from '../../server/address.js';
import type { Broker } from '../../server/index.js';
import { ADMIN_HOST, authority } from '../../server/ports.js';
import { type Configuration, settingValue } from '../settings/configuration.js';
import { coloursFor } from '../terminal/colours.js';
import { escapeText } from '../terminal/escape-text.js';
import { authenticatedBy, opennessText, unlimited } from './openness.js';
import { createLog, isPretty, type LogOptions } from './serve-log.js';

/** What the line at the start tells beside the addresses. */
interface Facts {
  /** What to try next. */
  readonly try: string;
  readonly open: string;
  /** How long notifications are kept for who comes back. */
  readonly kept: string;
  /** Address and port on which alone anybody may publish. */
  readonly publish?: string;
  /** Where operators ask. */
  readonly metrics?: string;
  /** When the certificate ends; ISO 8601. */
  readonly certificateUntil?: string;
  readonly unencrypted?: string;
  /** Limits that are off. */
  readonly unlimited?: readonly string[];
  readonly config?: string;
}

/** The one line at the start: a sentence for people, or a log entry that is written at every level. */
export async function announce(broker: Broker, configuration: Configuration, options: LogOptions): Promise<void> {
  const { url, host, port } = broker;
  const facts = await factsOf(broker, configuration);
  if (!isPretty(options)) {
    createLog({ ...options, logLevel: 'info' }).info({ url, host, port, ...facts }, 'listening');
    return;
  }
  const pen = await coloursFor(process.stdout, options.color);
  const where = everywhere(host);
  const adminHost = settingValue(configuration, 'adminHost') ?? ADMIN_HOST;
  const parts = [`try: ${pen.bold(facts.try)}`, ...[facts.open, ...inWords(facts, adminHost)].map(escapeText)];
  process.stdout.write(`${pen.bold('wsn')} listening on ${pen.cyan(url)}${where} ${pen.dim('·')} ${parts.join(` ${pen.dim('·')} `)}\n`);
}

async function factsOf({ host, port, publishPort, adminUrl, url }: Broker, configuration: Configuration): Promise<Facts> {
  const isPublic = !isThisMachine(host);
  const isClosed = authenticatedBy(configuration).length > 0 && (settingValue(configuration, 'anonymousSubscribe') ?? []).length === 0;
  const until = await certificateEnd(settingValue(configuration, 'tlsCert'));
  const off = unlimited(configuration);
  const to = port === 8000 && until === undefined ? '' : ` --url ${url}`;
  return {
    try: `wsn subscribe${to}${isClosed ? ' --token TOKEN' : ''} --package amaiia_msg_srv --channel 2`,
    open: opennessText(configuration, isPublic),
    kept: keptText(configuration),
    ...(publishPort === undefined
      ? {}
      : { publish: authority({ host: plainHost(settingValue(configuration, 'publishHost') ?? host), port: publishPort }) }),
    ...(adminUrl === undefined ? {} : { metrics: `${adminUrl}/metrics` }),
    ...(until === undefined ? {} : { certificateUntil: until }),
    ...(until === undefined && isPublic && authenticatedBy(configuration).length > 0
      ? { unencrypted: 'tokens and keys come unencrypted where no proxy with TLS is in front' }
      : {}),
    ...(off.length === 0 ? {} : { unlimited: off }),
    ...(configuration.file === undefined ? {} : { config: configuration.file }),
  };
}

/** Whom an address is open to, when it is that of everywhere. */
function everywhere(host: string): string {
  return addressBytes(plainHost(host))?.every((byte) => byte === 0) ? ' (all interfaces)' : '';
}

/** What becomes of notifications when the broker ends (R-5.7). */
function keptText(configuration: Configuration): string {
  const folder = settingValue(configuration, 'data');
  if (folder === undefined) return 'notifications live in memory, and end with this process (--data FOLDER keeps them)';
  const isSynced = settingValue(configuration, 'durability') === 'fsync';
  return `notifications are kept in ${folder}: acknowledged when ${isSynced ? 'they are on the disk' : 'written, on the disk a second later'}`;
}

function inWords(
  { kept, publish, metrics, certificateUntil, unencrypted, unlimited: off, config }: Facts,
  adminHost: string,
): readonly string[] {
  return [
    kept,
    ...(publish === undefined ? [] : [`publishing on ${publish} only`]),
    ...(metrics === undefined ? [] : [`metrics at ${metrics}${everywhere(adminHost)}`]),
    ...(certificateUntil === undefined ? [] : [`TLS with a certificate until ${certificateUntil.slice(0, 10)}`]),
    ...(unencrypted === undefined ? [] : [unencrypted]),
    ...(off === undefined ? [] : [`without a limit: ${off.join(', ')}`]),
    ...(config === undefined ? [] : [`configured by ${config}`]),
  ];
}

/** The broker has read it before; if it has gone since, that is told when it is next read. */
async function certificateEnd(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return new Date(new X509Certificate(await readFile(file)).validTo).toISOString();
  } catch {
    return undefined;
  }
}
