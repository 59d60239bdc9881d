import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/protocol/index.js';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { describeWithBrowser } from '../support/browser.js';
import { compileProject, type InstalledPackage, installPackage } from '../support/installed-package.js';
import { patiently } from '../support/patiently.js';
import { TOPIC } from '../support/peers.js';
import { serveFiles } from '../support/static-files.js';

const run = promisify(execFile);

const SCHEMA = { type: 'object', required: ['messageId'], properties: { messageId: { type: 'string' } } };

/** An app of Node: `data` has the type that the schema says. */
const NODE_APP = `
  import { createClient } from 'wsn/client';
  import { WebSocket } from 'ws';
  import type { Data } from './notifications.js';

  declare module 'wsn/client' {
    interface Register { data: Data }
  }

  const client = createClient({ url: process.argv[2] ?? '', WebSocket });
  const handle = client.subscribe({ package: 'amaiia_msg_srv', page: 'messages' }, ({ notification }) => {
    const id: string = notification.data.messageId;
    console.log('received', id);
    void client.close();
  });
  await handle.ready;
  console.log('ready');
`;

/** The same, where the type of `data` is not what the schema says. */
const WRONG_APP = `
  import { createClient } from 'wsn/client';
  import type { Data } from './notifications.js';

  declare module 'wsn/client' {
    interface Register { data: Data }
  }

  const client = createClient({ url: 'ws://127.0.0.1:8000' });
  client.subscribe({ package: 'amaiia_msg_srv', page: 'messages' }, ({ notification }) => {
    const id: number = notification.data.messageId;
    console.log(id);
  });
`;

/** A page of Vite's, with React: what the template for React and TypeScript makes, and the two hooks. */
const VITE_APP = `
  import { useState } from 'react';
  import { createRoot } from 'react-dom/client';
  import type {} from 'wsn/client';
  import { useNotifications, useWebSocket } from 'wsn/react';
  import type { Data } from './notifications';

  declare module 'wsn/client' {
    interface Register { data: Data }
  }

  const url = new URLSearchParams(location.search).get('broker') ?? '';

  function Messages() {
    const { isOpen } = useWebSocket(url);
    const [first, setFirst] = useState('');
    useNotifications({ package: 'amaiia_msg_srv', page: 'messages' }, {
      url,
      onNotification: ({ notification }) => setFirst(notification.data.messageId),
    });
    const ids = useNotifications({ package: 'amaiia_msg_srv', page: 'messages' }, {
      url,
      initial: [] as string[],
      reduce: (before, { notification }) => [...before, notification.data.messageId],
    });
    return <output>{isOpen ? 'open' : 'not open'} {first} {ids.join()}</output>;
  }

  createRoot(document.body.appendChild(document.createElement('div'))).render(<Messages />);
`;

const VITE_TSCONFIG = {
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  verbatimModuleSyntax: true,
  jsx: 'react-jsx',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
};

/** Else a browser asks for one. */
const NO_ICON = '<link rel="icon" href="data:,">';

/** A page without any tool, which takes the client from the web server. */
const PLAIN_PAGE = (module: string) => `<!doctype html>
  ${NO_ICON}
  <output></output>
  <script type="module">
    import { createClient } from '${module}';
    const client = createClient({ url: new URLSearchParams(location.search).get('broker') });
    client.subscribe({ package: 'amaiia_msg_srv', page: 'messages' }, ({ notification }) => {
      document.querySelector('output').textContent += 'open ' + notification.data.messageId;
    });
  </script>`;

/** The modules of a plain page: all of them as they were built, or the one that is all of them. */
const MODULES = { modules: '../node_modules/wsn/dist/src/client/index.js', 'one-file': '../node_modules/wsn/dist/browser/client.js' };

let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage(['react', 'react-dom', '@types/react', '@types/react-dom', '@types/node', '@types/ws']);
  installed.write({
    'schemas/amaiia_msg_srv/messages.json': JSON.stringify(SCHEMA),
    'node/app.ts': NODE_APP,
    'node/wrong.ts': WRONG_APP,
    'vite/src/main.tsx': VITE_APP,
    'vite/index.html': `<!doctype html>${NO_ICON}<script type="module" src="/src/main.tsx"></script>`,
    'vite/tsconfig.json': JSON.stringify({ compilerOptions: VITE_TSCONFIG, include: ['src'] }),
    ...Object.fromEntries(Object.entries(MODULES).map(([name, module]) => [`page/${name}.html`, PLAIN_PAGE(module)])),
  });
  const wsn = installed.path('node_modules/wsn/dist/bin/wsn.js');
  const { stdout } = await run(process.execPath, [wsn, 'schema', 'types', 'schemas'], { cwd: installed.folder });
  installed.write({ 'node/notifications.ts': stdout, 'vite/src/notifications.ts': stdout });
}, 120_000);

afterAll(() => installed?.[Symbol.dispose]());

/** Compiles a file of the folder `node` as somebody's own code, checking the package's declarations too. */
function compile(file: string, options: object): Promise<string> {
  const compilerOptions = { strict: true, target: 'es2023', noEmit: true, skipLibCheck: false, ...options };
  const tsconfig = `tsconfig.${file}.json`;
  installed.write({ [`node/${tsconfig}`]: JSON.stringify({ compilerOptions, files: [file] }) });
  return compileProject(installed.path(`node/${tsconfig}`));
}

const NODENEXT = { module: 'nodenext', lib: ['es2023', 'esnext.disposable'], types: ['node'] };

/** Publishes what all of them wait for. */
async function publish(broker: Broker, data: Json = { messageId: '12345' }): Promise<void> {
  const body = JSON.stringify({ ...TOPIC, filters: { values: '2' }, data });
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(`${broker.url.replace('ws:', 'http:')}/notify`, { method: 'POST', headers, body });
  expect(status).toBe(200);
}

describe('the client, installed into an empty TypeScript project', () => {
  it('compiles without the types of the DOM and receives a notification', async () => {
    expect(await compile('app.ts', { ...NODENEXT, noEmit: false })).toBe('');
    await using broker = await startTestBroker();
    const app = spawn(process.execPath, ['app.js', broker.url], { cwd: installed.path('node'), stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(app, 'exit');
    const lines: string[] = [];
    for await (const line of createInterface(app.stdout)) {
      lines.push(line);
      if (line === 'ready') await publish(broker);
    }
    expect(lines).toEqual(['ready', 'received 12345']);
    expect(await ended).toEqual([0, null]);
  });

  it('compiles as bundlers want it, with the types of the DOM', async () => {
    const source = NODE_APP.replace(/.*from 'ws';/, '')
      .replace('process.argv[2]', 'location.hash')
      .replace(', WebSocket', '');
    installed.write({ 'node/page.ts': source });
    const options = { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom', 'esnext.disposable'], types: [] };
    expect(await compile('page.ts', options)).toBe('');
  });

  it('does not compile where data is used as what its schema says that it is not', async () => {
    const said = await compile('wrong.ts', NODENEXT);
    expect(said.trim().split('\n')).toEqual([
      expect.stringMatching(/^wrong\.ts\(11,11\): error TS2322: Type 'string' is not .* 'number'\.$/),
    ]);
  });
});

describeWithBrowser('the client, installed for a page', (start) => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await start();
  });

  afterAll(async () => {
    await browser?.close();
  });

  /** Opens a page of a folder, publishes when it has subscribed, and waits until it shows `text`. */
  async function expectReceived(folder: string, file: string, text: string): Promise<void> {
    await using broker = await startTestBroker();
    await using files = await serveFiles(installed.path(folder));
    const page = await browser.newPage();
    const troubles: string[] = [];
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.stack ?? error.message));
    await page.goto(`${files.url}/${file}?broker=${encodeURIComponent(broker.url)}`);
    await patiently(() => broker.stats().registry.topics > 0 || troubles.length > 0, 'the page to subscribe');
    expect(troubles).toEqual([]);
    await publish(broker);
    await page.waitForFunction(`document.querySelector('output')?.textContent === ${JSON.stringify(text)}`);
    expect([troubles, files.missing]).toEqual([[], []]);
    await page.close();
  }

  it('compiles in a project of Vite, and receives a notification in React', async () => {
    expect(await compileProject(installed.path('vite/tsconfig.json'))).toBe('');
    const vite = [resolve('node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'];
    await run(process.execPath, vite, { cwd: installed.path('vite'), env: { ...process.env, NODE_ENV: 'production' } });
    await expectReceived('vite/dist', '', 'open 12345 12345');
  });

  it.each(Object.keys(MODULES))('receives a notification in a plain page without any tool: %s', async (name) => {
    await expectReceived('.', `page/${name}.html`, 'open 12345');
  });
});
