import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';

/** Where systems put it; not on everybody's PATH. */
const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };

/** A real nginx that serves a file of `examples/proxy`. */
export interface Nginx extends AsyncDisposable {
  readonly port: number;
  /** What it has written about requests. */
  accessLog(): string;
}

/** As `describeWithPhp`, for nginx. */
export function describeWithNginx(title: string, body: () => void): void {
  if (spawnSync('nginx', ['-v'], { env: ENVIRONMENT }).status === 0) {
    describe(title, body);
    return;
  }
  const missing = 'there is no nginx on the PATH; install it (apt-get install nginx-light, brew install nginx)';
  if (process.env.CI) throw new Error(`${title}: ${missing}`);
  process.stderr.write(`skipped "${title}": ${missing} to run these tests too\n`);
  describe.skip(title, body);
}

/**
 * Starts one, on a port of its own.
 * @param file of `examples/proxy`, as an administrator copies it, with `wsn-proxy.conf` beside it.
 * @param replace what of both is another thing on this machine.
 */
export async function startNginx(file: string, replace: (text: string, port: number, folder: string) => string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'wsn-nginx-'));
  const port = await freePort();
  const example = (name: string) => replace(readFileSync(join('examples/proxy', name), 'utf8'), port, folder);
  mkdirSync(join(folder, 'snippets'));
  writeFileSync(join(folder, 'snippets/wsn-proxy.conf'), example('wsn-proxy.conf').replace('/var/log/nginx', folder));
  writeFileSync(join(folder, 'wsn.conf'), example(file));
  writeFileSync(join(folder, 'nginx.conf'), mainText(folder));
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    stdio: 'pipe',
    env: ENVIRONMENT,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  while (!(await answers(port))) {
    if (child.exitCode !== null) {
      await stop();
      throw new Error(`nginx does not start\n${said}`);
    }
    await sleep(10);
  }
  return { port, accessLog: () => readFileSync(join(folder, 'wsn.log'), 'utf8'), [Symbol.asyncDispose]: stop };
}

/** One process, without rights that it would have to give up, with all its files in the folder. */
function mainText(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  return `daemon off; master_process off; pid ${folder}/pid; events {}\nhttp { access_log off; ${temporary.join(' ')} include wsn.conf; }\n`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
