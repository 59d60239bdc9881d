import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const { version, dependencies, bin } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Paths of what `npm pack` has put into the package. */
let packed: string[];
/** A project elsewhere that has installed it. */
let project: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'wsn-package-'));
  const { stdout } = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', project], process.cwd());
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map((file) => file.path);
  writeProject(`file:${filename}`);
  await npm(['ci', '--prefer-offline', '--no-audit', '--no-fund'], project);
}, 120_000);

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

function npm(args: readonly string[], cwd: string) {
  const script = process.env.npm_execpath;
  return script?.endsWith('js') ? run(process.execPath, [script, ...args], { cwd }) : run('npm', [...args], { cwd });
}

/** A project with the package as its only dependency, locked to what this checkout has, so that npm need not ask a registry. */
function writeProject(wsn: string): void {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, { dev?: boolean }> };
  const needed = Object.entries(lock.packages).filter(([path, entry]) => path !== '' && !entry.dev);
  const packages = {
    '': { dependencies: { wsn } },
    'node_modules/wsn': { version, resolved: wsn, dependencies, bin },
    ...Object.fromEntries(needed),
  };
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies: { wsn } }));
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, requires: true, packages }));
}

/** Compiles `source` in the project as somebody's own code, checking the package's declarations too. */
async function compile(name: string, source: string, options: object): Promise<string> {
  const compilerOptions = { strict: true, noEmit: true, target: 'es2023', module: 'nodenext', skipLibCheck: false, types: [], ...options };
  writeFileSync(join(project, `${name}.ts`), source);
  writeFileSync(join(project, `tsconfig.${name}.json`), JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
  const tsc = resolve('node_modules/typescript/bin/tsc');
  return run(process.execPath, [tsc, '-p', `tsconfig.${name}.json`], { cwd: project }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

describe('the package', () => {
  it('holds the build, the contract, the scenarios, the pages about them, the examples and nothing of the development', () => {
    const expected =
      /^(dist\/(bin|browser|src)\/.+\.(js|d\.ts)|examples\/.+|docs\/.+\.(md|json)|scenarios\/.+\.(yaml|json)|scenarios\/access\/files\/secret\.txt|(README|PROTOCOL|DIVERGENCES|CHANGELOG|SECURITY)\.md|LICENSE|package\.json)$/;
    expect(packed.filter((path) => !expected.test(path))).toEqual([]);
    expect(packed).toEqual(
      expect.arrayContaining([
        'dist/bin/wsn.js',
        'examples/php/Notifier.php',
        'examples/php/NotifierException.php',
        'examples/php/EphemeralSocket.php',
        'scenarios/scenario.schema.json',
        'scenarios/load.schema.json',
        'docs/bench-result.schema.json',
        'docs/bench.md',
        'scenarios/targets/php.yaml',
        'docs/testing.md',
        'PROTOCOL.md',
        'README.md',
        'LICENSE',
      ]),
    );
  });

  it('holds no file of a source that has gone', () => {
    const sources = packed
      .filter((path) => path.startsWith('dist/') && !path.startsWith('dist/browser/'))
      .map((path) => path.slice('dist/'.length).replace(/(\.d)?\.[jt]s$/, ''));
    expect(sources.filter((path) => !['.ts', '.tsx', '.js'].some((ending) => existsSync(`${path}${ending}`)))).toEqual([]);
  });

  it('puts a command into the project that knows its version', async () => {
    const { stdout } = await npm(['exec', '--offline', '--', 'wsn', '--version'], project);
    expect(stdout.trim()).toBe(version);
  });

  it('runs a broker that a client of the package can subscribe and publish to', async () => {
    const wsn = join(project, 'node_modules/wsn', bin.wsn);
    const args = [wsn, 'serve', '--host', '127.0.0.1', '--port', '0', '--log-format', 'json'];
    const serve = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(serve, 'exit');
    try {
      const [line] = await once(createInterface(serve.stdout), 'line');
      writeFileSync(
        join(project, 'app.js'),
        `import { createClient } from 'wsn/client';
        const { WebSocket } = await import('ws'); // of the package: this project has none of its own
        const topic = { package: 'p', page: 'q' };
        const client = createClient({ url: ${JSON.stringify(JSON.parse(line).url)}, WebSocket });
        await client.subscribe(topic, ({ notification }) => console.log(notification.message)).ready;
        const receipt = await client.publish({ ...topic, message: 'Hello' });
        console.log(receipt.matched);
        await client.close();`,
      );
      const { stdout } = await run(process.execPath, ['app.js'], { cwd: project });
      expect(stdout.trim().split('\n').sort()).toEqual(['1', 'Hello']);
    } finally {
      serve.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
    }
  });

  it('has types for a page, without those of Node', async () => {
    const source = `
      import { type ClientState, createClient } from 'wsn/client';
      import { matches, type Notification } from 'wsn/protocol';
      const states: ClientState['kind'][] = [];
      const client = createClient({ url: 'ws://127.0.0.1:8000', onState: (state) => states.push(state.kind) });
      const notification: Notification = { package: 'p', page: 'q' };
      export const isWanted: boolean = matches({ package: 'p', page: 'q' }, notification);
      export const done: Promise<void> = client.close();
      // @ts-expect-error a subscription needs a page: these are types, not any
      matches({ package: 'p' }, notification);
    `;
    expect(await compile('page', source, { lib: ['es2023', 'dom', 'esnext.disposable'] })).toBe('');
  });

  it('has types for a broker inside a program of Node', async () => {
    const source = `
      import { type Broker, DEFAULTS, startBroker } from 'wsn/server';
      const broker: Broker = await startBroker({ port: 0, maxMessageBytes: DEFAULTS.maxMessageBytes });
      export const url: string = broker.url;
      // @ts-expect-error a port is a number: these are types, not any
      await startBroker({ port: '8000' });
    `;
    const options = { lib: ['es2023', 'esnext.disposable'], types: ['node'], typeRoots: [resolve('node_modules/@types')] };
    expect(await compile('broker', source, options)).toBe('');
  });
});
