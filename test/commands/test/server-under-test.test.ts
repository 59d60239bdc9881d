import { describe, expect, it } from 'vitest';
import { connecting, serverUnderTest } from '../../../src/commands/test/server-under-test.js';
import type { TestOptions } from '../../../src/commands/test.js';

const OPTIONS: TestOptions = { only: [], level: 'should', jobs: 1, repeat: 1, timeout: 5000, color: false };

describe('serverUnderTest', () => {
  it('is what is named', () => {
    expect(serverUnderTest({ url: 'ws://127.0.0.1:8000' })).toEqual({ url: 'ws://127.0.0.1:8000' });
    expect(serverUnderTest({ server: 'node s.js {port}' })).toEqual({ command: 'node s.js {port}' });
  });

  it('is a broker of this program where nothing is named, one that takes a port and options', () => {
    const server = serverUnderTest({});
    expect(server).toMatchObject({ command: expect.arrayContaining([process.execPath, 'serve', '127.0.0.1', '{port}', '{options}']) });
  });

  it('refuses a command that cannot be told its port', () => {
    expect(() => serverUnderTest({ server: 'node s.js' })).toThrow(
      '--server "node s.js" has no {port}: put it where the command takes the port to listen on',
    );
  });
});

describe('connecting', () => {
  it('sends the headers and the token (R-5.10)', async () => {
    const { headers } = await connecting({ ...OPTIONS, header: ['X-Tenant: blue'], token: 'secret' });
    expect(headers).toEqual({ 'X-Tenant': 'blue', Authorization: 'Bearer secret' });
  });

  it('sends the key instead where there are both, and trusts whom it is told to, also where only --against is wss (R-7.2)', async () => {
    const given = { ...OPTIONS, token: 'secret', apiKey: 'key', insecure: true };
    const secure = await connecting({ ...given, url: 'ws://127.0.0.1', against: 'wss://127.0.0.1' });
    expect(secure).toEqual({ headers: { 'X-Api-Key': 'key' }, tls: { insecure: true } });
    expect(await connecting({ ...given, url: 'ws://127.0.0.1' })).toEqual({ headers: { 'X-Api-Key': 'key' }, tls: undefined });
  });

  it('refuses a token where the header for it is given, and certificates that cannot be read', async () => {
    await expect(connecting({ ...OPTIONS, header: ['authorization: x'], token: 'y' })).rejects.toThrow('exclude each other');
    await expect(connecting({ ...OPTIONS, url: 'wss://127.0.0.1', tlsCa: 'missing.pem' })).rejects.toThrow(
      'cannot read --tls-ca missing.pem: ENOENT',
    );
  });
});
