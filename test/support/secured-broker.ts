import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Broker, BrokerOptions } from '../../src/server/index.js';
import { startTestBroker } from './broker.js';
import { authority, folderOf, forThisMachine, type Issued } from './certificates.js';

/** A broker by TLS, with files of its own. */
export interface SecuredBroker extends AsyncDisposable {
  readonly broker: Broker;
  /** What its peers have to trust, as PEM. */
  readonly ca: string;
  /** The same as a file, and others of the folder. */
  readonly path: (name: string) => string;
  /** Renames a file with this text into the place of `name`. */
  readonly write: (name: string, text: string) => void;
  /** Puts another certificate in the place of the broker's. */
  readonly replace: (issued: Pick<Issued, 'cert' | 'key'>) => void;
}

const signer = authority();

/** A certificate for a broker on this machine, of an authority that the peers of `startSecuredBroker` trust. */
export function brokerCertificate(): Issued {
  return forThisMachine(signer);
}

/** Starts one; with `clients` it takes those alone whose certificate that authority has signed. */
export async function startSecuredBroker(options: Partial<BrokerOptions> = {}, clients?: Issued): Promise<SecuredBroker> {
  const { cert, key } = brokerCertificate();
  const folder = folderOf({
    'broker.crt': cert,
    'broker.key': key,
    'ca.crt': signer.cert,
    ...(clients ? { 'clients.crt': clients.cert } : {}),
  });
  const demand = clients ? ({ tlsCa: folder.path('clients.crt'), tlsClientCert: 'require' } as const) : {};
  const files = { tlsCert: folder.path('broker.crt'), tlsKey: folder.path('broker.key'), ...demand };
  const broker = await startTestBroker({ ...files, ...options });
  const write = (name: string, text: string) => {
    writeFileSync(folder.path(`${name}.new`), text, { mode: 0o600 });
    renameSync(folder.path(`${name}.new`), folder.path(name));
  };
  return {
    broker,
    ca: signer.cert,
    path: folder.path,
    write,
    replace({ cert, key }) {
      write('broker.crt', cert);
      write('broker.key', key);
    },
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Opens a TLS connection, and nothing more. Rejects with Node's error when it cannot be made. */
export async function openTls({ broker, ca }: Pick<SecuredBroker, 'broker' | 'ca'>, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: broker.port, servername: 'broker.test', ca, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** The SHA-256 of the certificate that a new connection is shown. */
export async function shownCertificate(secured: Pick<SecuredBroker, 'broker' | 'ca'>): Promise<string> {
  const socket = await openTls(secured);
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

/** Publishes by HTTPS and returns the status. Rejects with Node's error when there is no answer. */
export async function postNotice(
  secured: Pick<SecuredBroker, 'broker' | 'ca'>,
  notification: object,
  tls: ConnectionOptions = {},
): Promise<number> {
  const { broker, ca } = secured;
  const headers = { 'content-type': 'application/json' };
  const asked = request({ host: '127.0.0.1', port: broker.port, path: '/notify', method: 'POST', headers, agent: false, ca, ...tls });
  asked.end(JSON.stringify(notification));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  await once(answer.resume(), 'end');
  return answer.statusCode ?? 0;
}
