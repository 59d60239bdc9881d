import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Broker } from '../../src/server/index.js';
import { signWith } from '../server/identity/support.js';
import { startTestBroker } from '../support/broker.js';
import { describeWithBrowser } from '../support/browser.js';
import { blocksOf, codeOf, createDocProject, type DocBlock, type DocProject, moduleOf } from '../support/doc-project.js';
import { compileProject } from '../support/installed-package.js';
import { patiently } from '../support/patiently.js';
import { TOPIC } from '../support/peers.js';
import { serveFiles } from '../support/static-files.js';
import { WSN } from '../support/wsn.js';

const PAGES = ['client', 'react', 'react-native', 'migrating'];
const RUNNER = fileURLToPath(new URL('../support/run-doc-block.mjs', import.meta.url));
const SECRET = 'a secret of 32 bytes, and of more';

/** Stands for the broker's URL in a compiled block, until there is a broker. */
const URL_OF_BROKER = 'ws://broker.invalid';

/** What the broker is told while a block runs. */
const NOTIFICATION = {
  ...TOPIC,
  filters: { values: '2' },
  data: { messageId: '12345', channelId: '2', text: 'Bonjour' },
  message: 'Nouveau message reçu',
};

interface Run {
  readonly page: string;
  /** Something that is in this block alone. */
  readonly part: string;
  /** Lines that it prints among others; of a component, what it shows at last. */
  readonly prints: readonly (string | RegExp)[];
}

/** What each block that is not marked as only compiled does. */
const RUNS: readonly Run[] = [
  { page: 'client', part: 'const messages = client.subscribe', prints: ['message Nouveau message reçu'] },
  { page: 'client', part: 'store.getSnapshot', prints: ['connecting 0', 'open 0'] },
  { page: 'client', part: 'onRecovered:', prints: ['add 12345'] },
  { page: 'client', part: 'no token:', prints: ['Nouveau message reçu'] },
  { page: 'client', part: 'client.publish', prints: ['0', 'false'] },
  { page: 'client', part: 'for await', prints: ['1 Nouveau message reçu'] },
  { page: 'react', part: 'function Light', prints: [/open +Bonjour$/] },
  { page: 'react', part: 'onSubscribed', prints: [/^(?=.*what channel 2 had before).*Bonjour/] },
  { page: 'react-native', part: 'networkWake', prints: ['live Bonjour'] },
  { page: 'react-native', part: 'SecureStore', prints: ['Bonjour'] },
  { page: 'migrating', part: 'channels = ', prints: ['live', 'show Bonjour'] },
  { page: 'migrating', part: 'as useConnection', prints: ['live', 'show Nouveau message reçu'] },
];

let project: DocProject;
/** What the compiler says of a page. */
const complaints = new Map<string, string>();

beforeAll(async () => {
  project = createDocProject();
  await writeTypes();
  for (const page of [...PAGES, 'README']) {
    for (const block of codeOf(page).filter(({ language }) => page !== 'README' || language !== 'js'))
      project.write(`${page}/${block.file}`, moduleOf(block, URL_OF_BROKER));
    const compilerOptions = {
      target: 'es2023',
      lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
      module: 'nodenext',
      moduleDetection: 'force',
      jsx: 'react-jsx',
      strict: true,
      allowJs: true,
      types: ['node'],
      rootDir: '.',
      outDir: 'built',
    };
    project.write(`tsconfig.${page}.json`, JSON.stringify({ compilerOptions, include: [page, 'notifications.ts', 'register.ts'] }));
    complaints.set(page, await compileProject(join(project.folder, `tsconfig.${page}.json`)));
  }
}, 60_000);

afterAll(() => project?.[Symbol.dispose]());

/** The types of data, made as docs/client.md says; pages that come after it go by them. */
async function writeTypes(): Promise<void> {
  const schema = blocksOf('client').find(({ language }) => language === 'json');
  const command = blocksOf('client').find(({ text }) => text.startsWith('npx wsn schema types'));
  const register = codeOf('client').find(({ text }) => text.includes('interface Register'));
  project.write('schemas/amaiia_msg_srv/messages.json', schema?.text ?? '');
  await promisify(execFile)(process.execPath, [WSN, ...(command?.text.trim().split(' ').slice(2) ?? [])], { cwd: project.folder });
  project.write('register.ts', register?.text ?? '');
  project.write('client/notifications.ts', "export type { Data } from '../notifications.js';\n");
}

/** The one block of a page that has `part` in it. */
function blockWith({ page, part }: Run): DocBlock {
  const found = codeOf(page).filter(({ text }) => text.includes(part));
  expect(found, part).toHaveLength(1);
  return found[0] as DocBlock;
}

async function publish(broker: Broker, token: string): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const body = JSON.stringify(NOTIFICATION);
  const { status } = await fetch(`${broker.url.replace('ws:', 'http:')}/notify`, { method: 'POST', headers, body });
  expect(status).toBe(200);
}

/** Whether all these lines are there. */
function hasPrinted(stdout: string, lines: Run['prints']): boolean {
  const printed = stdout.split('\n').slice(0, -1);
  return lines.every((line) => printed.some((each) => (typeof line === 'string' ? each === line : line.test(each))));
}

/** Runs a block, publishes when it has subscribed, and ends it when it has printed what it has to. */
async function runBlock(run: Run): Promise<void> {
  const { file, text } = blockWith(run);
  const hasToken = text.includes('no token:');
  await using broker = await startTestBroker(hasToken ? { authSecret: SECRET } : {});
  const token = hasToken ? await signWith(SECRET, { wsn: { subscribe: [TOPIC], publish: [TOPIC] } }) : '';
  const built = `built/${run.page}/${file.replace(/tsx?$/, 'js')}`;
  project.write(built, readFileSync(join(project.folder, built), 'utf8').replaceAll(URL_OF_BROKER, broker.url));
  const child = spawn(process.execPath, [RUNNER, join(project.folder, built)], { env: { ...process.env, TOKEN: token } });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
    });
  }
  const ended = once(child, 'close');
  const isDone = () => hasPrinted(said.stdout, run.prints) || child.exitCode !== null;
  await patiently(() => isDone() || broker.stats().registry.topics > 0, `${file} to subscribe`);
  if (!isDone()) await publish(broker, token);
  await patiently(isDone, `${file} to print what it says: ${JSON.stringify(said)}`);
  child.stdin.end();
  expect(await ended, said.stderr).toEqual([0, null]);
  expect(hasPrinted(said.stdout, run.prints), said.stdout).toBe(true);
  expect(said.stdout).not.toContain('listeners are left');
  expect(said.stderr.replace(/^react-test-renderer is deprecated.*\n/, '')).toBe('');
}

describe.each(PAGES)('docs/%s.md', (page) => {
  const text = readFileSync(`docs/${page}.md`, 'utf8');

  it('has code that compiles', () => {
    expect(complaints.get(page)).toBe('');
  });

  it('has a proof for all of its code that is more than types and configuration', () => {
    const run = RUNS.filter((each) => each.page === page).map((each) => blockWith(each).file);
    expect(codeOf(page).flatMap(({ file, mark }) => (mark === 'compiled' ? [] : [file]))).toEqual(run);
  });

  it('points to files and headings that exist', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
      const [file = '', anchor] = target.split('#');
      const path = join('docs', file || `${page}.md`);
      expect(existsSync(path), target).toBe(true);
      if (anchor === undefined) continue;
      const anchors = [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => anchorOf(title));
      expect(anchors, target).toContain(anchor);
    }
  });
});

/** How a heading is linked to on GitHub. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');
}

describe('the code of the pages about the client', () => {
  it('compiles where the README has some of it', () => {
    expect(complaints.get('README')).toBe('');
  });

  it.each(RUNS)('does what it says, in the page $page: $part', runBlock);
});

describe('docs/client.md', () => {
  const page = readFileSync('docs/client.md', 'utf8');

  it('has the options that there are', () => {
    const options = readFileSync('src/client/client-options.ts', 'utf8').split('interface ClientStats')[0] ?? '';
    const names = [...options.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, name]) => name);
    const rows = page.slice(page.indexOf('| option |')).split('\n\n')[0]?.split('\n').slice(2) ?? [];
    expect(rows.flatMap((row) => [...(row.split('|')[1]?.matchAll(/`(\w+)`/g) ?? [])].map(([, name]) => name))).toEqual(names);
  });

  it('names every state', () => {
    const kinds = [...readFileSync('src/client/client-state.ts', 'utf8').matchAll(/kind: '(\w+)'/g)].map(([, kind]) => kind);
    const rows = page.slice(page.indexOf('| `state.kind` |')).split('\n\n')[0] ?? '';
    expect([...rows.matchAll(/^\| `(\w+)` \|/gm)].map(([, kind]) => kind)).toEqual(['connecting', 'open', 'waiting', 'closed']);
    expect(new Set(kinds)).toEqual(new Set(['connecting', 'open', 'waiting', 'closed']));
  });
});

describeWithBrowser('the page of docs/client.md', (start) => {
  it('shows what is published', async () => {
    await using broker = await startTestBroker();
    const html = blocksOf('client').find(({ language }) => language === 'html')?.text ?? '';
    project.write('index.html', `<!doctype html><body>${html.replace('ws://127.0.0.1:8000', broker.url)}`);
    await using files = await serveFiles(project.folder);
    const browser = await start();
    try {
      const page = await browser.newPage();
      await page.goto(files.url);
      await patiently(() => broker.stats().registry.topics > 0, 'the page to subscribe');
      await publish(broker, '');
      await page.getByText(NOTIFICATION.message).waitFor();
    } finally {
      await browser.close();
    }
  });
});
