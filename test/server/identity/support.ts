import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { expect } from 'vitest';
import { ProtocolError } from '../../../src/protocol/index.js';
import { createAuthenticator } from '../../../src/server/identity/create-authenticator.js';
import type { Authenticator, Caller, Identity } from '../../../src/server/identity/identity.js';
import { type Log, SILENT } from '../../../src/server/observe.js';
import { type BrokerOptions, DEFAULTS } from '../../../src/server/options.js';

/** Who comes with these headers. */
export function caller(headers: Caller['headers'] = {}, rest: Partial<Caller> = {}): Caller {
  return { address: '192.0.2.7', headers, rawHeaders: [], url: '/', ...rest };
}

export function bearer(token: string): Caller {
  return caller({ authorization: `Bearer ${token}` });
}

export function authenticatorOf(options: Partial<BrokerOptions>, log: Log = SILENT): Promise<Authenticator> {
  return createAuthenticator({ ...DEFAULTS, ...options }, log);
}

/** The identity that a bearer of the token has. */
export async function identityFor(authenticator: Authenticator, token: string): Promise<Identity | undefined> {
  return authenticator.identify(bearer(token));
}

/** The code and the sentence with which it is refused, as `code: sentence`. */
export async function refusalOf(ask: () => unknown): Promise<string> {
  try {
    await ask();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    const { code, described } = error as ProtocolError;
    return `${code}: ${described}`;
  }
  return 'not refused';
}

/** A key pair that signs tokens. */
export interface Signer {
  readonly pem: string;
  /** The public key, with `kid` and `alg`. */
  readonly jwk: JWK;
  sign(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
}

export async function signerOf(alg: string, kid = alg): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    pem: await exportSPKI(publicKey),
    jwk: { ...(await exportJWK(publicKey)), kid, alg },
    sign: (claims, header = {}) => new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey),
  };
}

/** A token signed with a secret. */
export function signWith(secret: string | Uint8Array, claims: JWTPayload, alg = 'HS256'): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(Buffer.from(secret));
}

/** A token of any header and claims, signed with nothing. */
export function unsigned(header: object, claims: object = { sub: '5' }, signature = ''): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}

export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** A folder for files of keys, gone at its disposal. */
export async function keyFolder(): Promise<AsyncDisposable & { file(name: string, content: string | Uint8Array): Promise<string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'wsn-identity-'));
  return {
    async file(name, content) {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** An HTTP server of its own, and what it was asked. */
export interface WebServer extends AsyncDisposable {
  readonly url: string;
  /** The bodies of the requests, in order. */
  readonly asked: string[];
}

export async function serveWeb(answer: (response: ServerResponse, request: IncomingMessage, body: string) => void): Promise<WebServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push(body);
      answer(response, request, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
