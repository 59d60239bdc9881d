import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { loadPHPRuntime, PHP } from '@php-wasm/universal';
import { WebSocketServer } from 'ws';

// node php-wasm.mjs VERSION FILES ARGUMENTS…: what `php ARGUMENTS…` of that version says and ends with. It finds FILES, with
// commas, where they are below the working directory, and nothing else of this machine but what listens on it.
const [version = '', files = '', ...args] = process.argv.slice(2);
const FOLDER = '/app';
const LOADERS = {
  7.4: () => import('@php-wasm/node-7-4'),
  8.3: () => import('@php-wasm/node-8-3'),
};

/** What Emscripten's sockets speak to: each is a WebSocket here, and goes on as TCP to where PHP wanted to. */
const lines = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'binary' });
lines.on('connection', (socket, { url }) => {
  const to = new URL(url ?? '', 'ws://127.0.0.1').searchParams;
  const line = connect(Number(to.get('port')), to.get('host') ?? '');
  line.on('data', (chunk) => socket.send(chunk));
  line.on('error', () => {}); // followed by 'close'
  line.on('close', () => socket.close());
  socket.on('message', (chunk) => line.write(chunk));
  socket.on('close', () => line.end());
});
await once(lines, 'listening');
const { port } = lines.address();
const websocket = { url: (_, host, to) => `ws://127.0.0.1:${port}/?host=${host}&port=${to}`, subprotocol: 'binary' };

const { getPHPLoaderModule } = await LOADERS[version]();
const php = new PHP(await loadPHPRuntime(await getPHPLoaderModule(), { processId: 1, websocket }));
for (const file of files.split(',')) {
  php.mkdir(join(FOLDER, dirname(file)));
  php.writeFile(join(FOLDER, file), readFileSync(file));
}
php.chdir(FOLDER);
const ended = await php.cli(['php', '-d', 'error_reporting=-1', '-d', 'display_errors=stderr', '-d', 'html_errors=0', ...args]);
const [code, stdout, stderr] = await Promise.all([ended.exitCode, ended.stdoutText, ended.stderrText]);
process.stderr.write(stderr);
process.stdout.write(stdout, () => process.exit(code));
