import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { openPeer, type PeerOptions } from '../../src/peer/index.js';
import type { BrokerOptions } from '../../src/server/index.js';
import { inSeconds, signWith } from '../server/identity/support.js';
import { startTestBroker } from '../support/broker.js';
import { authority, folderOf, forThisMachine } from '../support/certificates.js';
import { askHttp } from '../support/http.js';
import { recordingLog } from '../support/log.js';
import { describeWithNginx, type Nginx, startNginx } from '../support/nginx.js';

const SECRET = 'a secret of 32 bytes, and of more';
const KEY = 'wsn_key-of-a-back-end';
const TOPIC = { package: 'amaiia_msg_srv', page: 'messages' };
/** Another address of this machine, so that the client is not where nginx is. */
const CLIENT = '127.0.0.2';

const signer = authority();

/** What docs/security.md tells to set behind nginx. */
const CLOSED: Partial<BrokerOptions> = {
  publishPort: 0,
  publishHost: '127.0.0.1',
  authSecret: SECRET,
  apiKeys: [{ name: 'php', sha256: createHash('sha256').update(KEY).digest('hex') }],
  trustProxies: ['127.0.0.1'],
};

/** Starts a broker behind the nginx of an example. */
async function startBehind(file: 'nginx-tls.conf' | 'nginx-plain.conf', options: Partial<BrokerOptions> = CLOSED) {
  const log = recordingLog();
  const broker = await startTestBroker({ log, ...options });
  const { cert, key } = forThisMachine(signer);
  const folder = folderOf({ 'fullchain.pem': cert, 'privkey.pem': key });
  const nginx = await startNginx(file, (text, port) =>
    text
      .replaceAll('/etc/letsencrypt/live/notify.example.org/', `${folder.path('')}/`)
      .replace('listen 80;', `listen ${CLIENT}:${port};`)
      .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
      .replace('listen 10.0.0.5:80', `listen 127.0.0.1:${port}`)
      .replace('set_real_ip_from 10.0.0.2', `set_real_ip_from ${CLIENT}`)
      .replace('http://127.0.0.1:8000', `http://127.0.0.1:${broker.port}`),
  );
  return {
    broker,
    log,
    nginx,
    async [Symbol.asyncDispose]() {
      await nginx[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const token = () => signWith(SECRET, { sub: '5', exp: inSeconds(60), wsn: { subscribe: [TOPIC] } });

/** Connects through nginx, as a browser does with a token. */
async function come({ port }: Nginx, options: Partial<PeerOptions> = {}) {
  const subprotocols = ['wsn.v1', `wsn.token.${await token()}`];
  return openPeer({ host: '127.0.0.1', port, localAddress: CLIENT, subprotocols, ...options });
}

const TLS = { ca: signer.cert };

describeWithNginx('a broker behind nginx', () => {
  it.each([
    ['nginx-tls.conf', { tls: TLS }, CLIENT],
    ['nginx-plain.conf', { headers: { 'X-Forwarded-For': '192.0.2.1, 192.0.2.7' } }, '192.0.2.7'],
  ] as const)('hands on to whom a token lets hear it, and knows whose address that is: %s (R-7.2, R-7.5)', async (file, way, address) => {
    await using behind = await startBehind(file);
    const { broker, nginx, log } = behind;
    await using peer = await come(nginx, way);
    expect(log.find('connected')).toMatchObject({ address });
    peer.send(JSON.stringify({ sender: 'client', id: '1', subscriptions: [TOPIC] }));
    await peer.barrier();
    const headers = { 'X-Api-Key': KEY };
    const posted = await askHttp({ ...broker, port: broker.publishPort as number }, { headers, body: JSON.stringify(TOPIC) });
    expect(posted).toMatchObject({ status: 200, json: { receipt: { matched: 1 } } });
    await peer.next();
    await peer.next();
    expect(JSON.parse(await peer.next())).toMatchObject({ notification: TOPIC });
  });

  it('cannot be told another address by a client (R-7.5)', async () => {
    await using behind = await startBehind('nginx-tls.conf');
    await using _ = await come(behind.nginx, { tls: TLS, headers: { 'X-Forwarded-For': '10.1.2.3', Forwarded: 'for=10.1.2.3' } });
    expect(behind.log.find('connected')).toMatchObject({ address: CLIENT });
  });

  it('keeps pages of other origins out, and knows its own by the host and the port (R-7.5)', async () => {
    await using behind = await startBehind('nginx-tls.conf');
    const { port } = behind.nginx;
    await expect(come(behind.nginx, { tls: TLS, headers: { Origin: 'https://evil.example' } })).rejects.toMatchObject({ status: 403 });
    await using _ = await come(behind.nginx, { tls: TLS, headers: { Origin: `https://127.0.0.1:${port}` } });
  });

  it('takes no publication through it, with the key neither (R-7.3)', async () => {
    await using behind = await startBehind('nginx-plain.conf');
    const { nginx } = behind;
    const headers = { 'X-Api-Key': KEY, 'Content-Type': 'application/json' };
    const posted = await fetch(`http://127.0.0.1:${nginx.port}/notify`, { method: 'POST', headers, body: JSON.stringify(TOPIC) });
    expect(posted.status).toBe(404);
    await using peer = await openPeer({ host: '127.0.0.1', port: nginx.port, headers });
    peer.send(JSON.stringify({ sender: 'server', notification: TOPIC }));
    expect(await peer.closed).toMatchObject({ code: 4403 });
  });

  it('leaves nobody publish who is a stranger, though all of them come from this machine (R-7.1)', async () => {
    await using behind = await startBehind('nginx-plain.conf', {});
    await using peer = await openPeer({ host: '127.0.0.1', port: behind.nginx.port });
    peer.send(JSON.stringify({ sender: 'server', notification: TOPIC }));
    expect(await peer.closed).toMatchObject({ code: 4403 });
  });

  it('writes tokens into no log (R-7.2)', async () => {
    await using behind = await startBehind('nginx-plain.conf');
    const { nginx, log } = behind;
    const secret = await token();
    await expect(openPeer({ host: '127.0.0.1', port: nginx.port, path: `/live?token=${secret}` })).rejects.toMatchObject({ status: 401 });
    await (await come(nginx))[Symbol.asyncDispose]();
    await expect.poll(() => nginx.accessLog().split('\n').length).toBe(3);
    expect(nginx.accessLog()).toMatch(/GET \/live 401 /);
    expect(nginx.accessLog() + JSON.stringify(log.records)).not.toMatch(/eyJ/);
  });
});
