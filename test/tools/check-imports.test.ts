import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wsn-imports-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Runs the check over a tree of the files given. */
function check(files: Readonly<Record<string, string>>): { lines: string[]; exitCode: number | null; stderr: string } {
  const tree = { 'package.json': '{"name":"wsn"}', ...files };
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const { stdout, stderr, status } = spawnSync(process.execPath, ['tools/check-imports.mjs', root], { encoding: 'utf8' });
  return { lines: stdout.split('\n').filter((line) => line !== ''), exitCode: status, stderr };
}

const EMPTY = 'export {};\n';

describe('check-imports', () => {
  it('accepts a tree whose imports point down', () => {
    const result = check({
      'bin/wsn.ts': "import { run } from '../src/commands/run.js';\nrun();\n",
      'src/commands/run.ts': "import { Command } from 'commander';\nimport '../server/index.js';\nimport '../protocol/index.js';\n",
      'src/server/index.ts': "export * from './server.js';\n",
      'src/server/server.ts': "import { createServer } from 'node:http';\nimport './outbox.js';\n",
      'src/server/outbox.ts': "import type { Group } from './frame.js';\n",
      'src/server/frame.ts': EMPTY,
      'src/server/ws-socket.ts': "import { WebSocketServer } from 'ws';\n",
      'src/protocol/index.ts': EMPTY,
    });
    expect(result).toEqual({ lines: [], exitCode: 0, stderr: '8 modules keep the import rules\n' });
  });

  it('fails when it finds no module, so that a check of nothing is not taken for a clean one', () => {
    const result = check({});
    expect(result.exitCode).toBe(1);
    expect(result.lines[0]).toMatch(/found no module in bin and src: run this in the root of the repository$/);
  });

  it.each([
    {
      rule: 'imports point down',
      file: 'src/server/feed/memory.ts',
      text: "\nimport { run } from '../../commands/run.js';\n",
      line: 'src/server/feed/memory.ts:2: imports "../../commands/run.js": server is below commands, and imports point down; pass it in as an argument or a callback',
    },
    {
      rule: 'siblings never import each other',
      file: 'src/bench/run.ts',
      text: "export { createClient } from '../client/index.js';\n",
      line: 'src/bench/run.ts:1: imports "../client/index.js": bench and client are siblings and never import each other; let them meet in commands or in a test',
    },
    {
      rule: 'peer does not know who uses it',
      file: 'src/peer/open.ts',
      text: "const later = () => import('../bench/run.js');\n",
      line: 'src/peer/open.ts:1: imports "../bench/run.js": peer is below bench, and imports point down; pass it in as an argument or a callback',
    },
    {
      rule: 'document does not know the files that it reads',
      file: 'src/document/shape.ts',
      text: "import type { Run } from '../bench/run.js';\n",
      line: 'src/document/shape.ts:1: imports "../bench/run.js": document is below bench, and imports point down; pass it in as an argument or a callback',
    },
    {
      rule: 'yaml belongs to document',
      file: 'src/bench/run.ts',
      text: "import { parse } from 'yaml';\n",
      line: 'src/bench/run.ts:1: imports "yaml": yaml belongs to src/document and src/scenario/record; move what needs yaml there',
    },
    {
      rule: 'protocol imports only itself',
      file: 'src/protocol/decode.ts',
      text: "import type { Peer } from '../peer/index.js';\n",
      line: 'src/protocol/decode.ts:1: imports "../peer/index.js": protocol is below peer, and imports point down; pass it in as an argument or a callback',
    },
    {
      rule: 'protocol imports no module of Node',
      file: 'src/protocol/decode.ts',
      text: "import { Buffer } from 'node:buffer';\n",
      line: 'src/protocol/decode.ts:1: imports "node:buffer": protocol is pure and imports only itself; let the caller pass in what it computes',
    },
    {
      rule: 'protocol imports no package',
      file: 'src/protocol/decode.ts',
      text: "import chalk from 'chalk';\n",
      line: 'src/protocol/decode.ts:1: imports "chalk": protocol is pure and imports only itself; let the caller pass in what it computes',
    },
    {
      rule: 'client imports no module of Node',
      file: 'src/client/connect.ts',
      text: "import { EventEmitter } from 'events';\n",
      line: 'src/client/connect.ts:1: imports "events": client also runs in browsers and imports no module of Node; let the caller pass it in as an option',
    },
    {
      rule: 'commander belongs to commands',
      file: 'bin/wsn.ts',
      text: "import { Command } from 'commander';\n",
      line: 'bin/wsn.ts:1: imports "commander": commander belongs to src/commands; move what needs commander there',
    },
    {
      rule: 'inquirer belongs to commands',
      file: 'src/bench/ask.ts',
      text: "const inquirer = await import('inquirer');\n",
      line: 'src/bench/ask.ts:1: imports "inquirer": inquirer belongs to src/commands; move what needs inquirer there',
    },
    {
      rule: 'ws belongs to one file of the server',
      file: 'src/server/connection.ts',
      text: "import type { WebSocket } from 'ws';\n",
      line: 'src/server/connection.ts:1: imports "ws": ws belongs to src/server/ws-socket.ts and src/commands; move what needs ws there',
    },
    {
      rule: 'react belongs to one file of the client',
      file: 'src/client/index.ts',
      text: "import { useState } from 'react';\n",
      line: 'src/client/index.ts:1: imports "react": react belongs to src/client/react.ts; move what needs react there',
    },
    {
      rule: 'pino belongs to commands and observe',
      file: 'src/server/server.ts',
      text: "import type { Logger } from 'pino';\n",
      line: 'src/server/server.ts:1: imports "pino": pino belongs to src/commands and src/server/observe.ts; move what needs pino there',
    },
    {
      rule: 'the package does not import itself',
      file: 'src/commands/run.ts',
      text: "import { createClient } from 'wsn/client';\n",
      line: 'src/commands/run.ts:1: imports "wsn/client": the package does not import itself; import the source by its path',
    },
    {
      rule: 'a notification falls down through the server',
      file: 'src/server/outbox.ts',
      text: "import type { Connection } from './connection.js';\n",
      line: 'src/server/outbox.ts:1: imports "./connection.js": outbox (10) is below connection (2), and server imports point down; let server.ts wire a callback',
    },
    {
      rule: 'a notification falls down through the folders of the server too',
      file: 'src/server/registry/trie.ts',
      text: "import { fanout } from '../fanout.js';\n",
      line: 'src/server/registry/trie.ts:1: imports "../fanout.js": registry (9) is below fanout (8), and server imports point down; let server.ts wire a callback',
    },
    {
      rule: 'what is imported exists',
      file: 'src/peer/index.ts',
      text: "export * from './nowhere.js';\n",
      line: 'src/peer/index.ts:1: imports "./nowhere.js", and there is no src/peer/nowhere.ts; import a source of bin or src by its path',
    },
    {
      rule: 'every file is in a layer',
      file: 'src/utils/misc.ts',
      text: EMPTY,
      line: 'src/utils/misc.ts:1: is in no layer; layers are bin, commands, server, client, bench, scenario, peer, document, protocol: move the file into one',
    },
    {
      rule: 'an import that cannot be read is not passed over',
      file: 'src/commands/run.ts',
      text: "const name = 'ws';\nawait import(name);\n",
      line: 'src/commands/run.ts:2: has an import whose module is not a plain string, which this check cannot read; write it plainly',
    },
  ])('reports the one broken import where $rule', ({ file, text, line }) => {
    const around = Object.fromEntries(
      [
        'bin/wsn.ts',
        'src/commands/run.ts',
        'src/client/index.ts',
        'src/bench/run.ts',
        'src/peer/index.ts',
        'src/server/connection.ts',
        'src/server/fanout.ts',
      ].map((path) => [path, EMPTY]),
    );
    const result = check({ ...around, [file]: text });
    expect(result.lines).toEqual([line]);
    expect(result.exitCode).toBe(1);
  });

  it('finds the way up that leads through a file beside the path', () => {
    const result = check({
      'src/server/outbox.ts': "import { frame } from './frame.js';\n",
      'src/server/frame.ts': "import type { Connection } from './connection.js';\n",
      'src/server/connection.ts': EMPTY,
    });
    expect(result.lines).toEqual([
      'src/server/outbox.ts:1: imports "./frame.js" and through src/server/frame.ts reaches it: outbox (10) is below connection (2), and server imports point down; let server.ts wire a callback',
    ]);
  });

  it('reads every way to write an import, and none that stands in a comment, a string or a regular expression', () => {
    const result = check({
      'src/protocol/all.ts': [
        "import a, { type b } from 'one';",
        "import * as c from 'two';",
        'import {',
        '  d,',
        "  'a name' as e,",
        '} from "three";',
        "export * as f from 'four';",
        "export type { g } from 'five';",
        "import 'six';",
        "type H = import('seven').H;",
        `const text = \`no import from 'x' \${await import('eight')} and \${\`{\${1}}\`} import 'y'\`;`,
        "// import 'z';",
        "/* import 'z'; */",
        'const quote = "import \'z\'";',
        "const pattern = /[/'\"]import 'z'/g;",
        'const half = 1 / 2; // it is',
        "import { i } from 'nine'; const third = half / 3;",
      ].join('\n'),
    });
    expect(result.lines.map((line) => /:(\d+): imports "(\w+)"/.exec(line)?.slice(1, 3).join(' '))).toEqual([
      '1 one',
      '2 two',
      '6 three',
      '7 four',
      '8 five',
      '9 six',
      '10 seven',
      '11 eight',
      '17 nine',
    ]);
  });
});
