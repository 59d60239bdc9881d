import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { openPeer } from '../../src/peer/index.js';
import { authority, forThisMachine, type Issued, issue } from '../support/certificates.js';

const host = '127.0.0.1';
const signer = authority();
const server = forThisMachine(signer);
const ca = signer.cert;

/** A WebSocket server by TLS that sends the name in each client's certificate back; `clients` have to be signed by that authority. */
async function startSecure(certificate: Issued, clients?: Issued) {
  const demand = clients ? { ca: clients.cert, requestCert: true } : {};
  const secure = createServer({ cert: certificate.cert, key: certificate.key, ...demand });
  const sockets = new WebSocketServer({ server: secure }).on('connection', (socket, { socket: raw }) => {
    socket.on('message', () => socket.send((raw as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody'));
  });
  await once(secure.listen(0, host), 'listening');
  return {
    port: (secure.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => secure.close(resolve));
    },
  };
}

describe('a peer by TLS', () => {
  it.each([
    ['that nobody trusts', server],
    ['for another name', issue({ name: 'other.test', hosts: ['other.test'], by: signer })],
    ['that has expired', forThisMachine(signer, { expiresInMs: -1000 })],
  ])('speaks to a server with a certificate %s when it is told to take any', async (_, certificate) => {
    await using secure = await startSecure(certificate);
    await using peer = await openPeer({ host, port: secure.port, tls: { insecure: true } });
    peer.send('who am I?');
    expect(await peer.next()).toBe('nobody');
  });

  it.each([
    [server, {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    [forThisMachine(signer, { expiresInMs: -1000 }), { ca }, 'CERT_HAS_EXPIRED'],
    [server, { insecure: false }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('refuses such a server otherwise', async (certificate, tls, code) => {
    await using secure = await startSecure(certificate);
    await expect(openPeer({ host, port: secure.port, tls })).rejects.toMatchObject({ code });
  });

  it('shows its own certificate to a server that asks for one', async () => {
    await using secure = await startSecure(server, signer);
    const { cert, key } = issue({ name: 'the subscriber', by: signer });
    await using peer = await openPeer({ host, port: secure.port, tls: { ca, cert, key } });
    peer.send('who am I?');
    expect(await peer.next()).toBe('the subscriber');
  });

  it('is refused by such a server without one, and with one of another authority', async () => {
    await using secure = await startSecure(server, signer);
    const { cert, key } = issue({ name: 'the stranger', by: authority() });
    await expect(openPeer({ host, port: secure.port, tls: { ca } })).rejects.toThrow();
    await expect(openPeer({ host, port: secure.port, tls: { ca, cert, key } })).rejects.toThrow();
  });
});
