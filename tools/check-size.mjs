// Keeps the client small: bundles what an app imports, tree-shaken and minified, prints what that weighs compressed, and
// exits 1 when it is not under its limit. `npm run build` comes first: it looks at dist.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLIENT = './dist/src/client/index.js';

/** What an app takes; `limit`: the bytes that it has to be under, compressed as servers compress what does not change (brotli). */
const TAKEN = [
  { name: 'createClient', code: `export { createClient } from '${CLIENT}';`, limit: 6000 },
  {
    name: 'createClient, notifications, publishUntilReceipt',
    code: `export { createClient, notifications, publishUntilReceipt } from '${CLIENT}';`,
  },
  { name: 'all of wsn/client', code: `export * from '${CLIENT}';` },
  { name: 'wsn/react, without React', code: "export * from './dist/src/client/react.js';" },
];

/** The sizes of a bundle of `code`, in bytes. */
async function weigh(code) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    external: ['react'],
    legalComments: 'none',
    write: false,
  });
  const { contents } = outputFiles[0];
  return { minified: contents.length, gzip: gzipSync(contents, { level: 9 }).length, brotli: brotliCompressSync(contents).length };
}

const columns = [8, 8, 8];
const row = (name, cells) => `${name.padEnd(44)}${cells.map((cell, index) => String(cell).padStart(columns[index])).join('  ')}\n`;

process.stdout.write(row('bytes', ['minified', 'gzip', 'brotli']));
for (const { name, code, limit } of TAKEN) {
  const { minified, gzip, brotli } = await weigh(code);
  process.stdout.write(row(name, [minified, gzip, brotli]));
  if (limit !== undefined && brotli >= limit) {
    process.stderr.write(`${name} is ${brotli} bytes of brotli, and must be under ${limit}: take something out, or import less\n`);
    process.exitCode = 1;
  }
}
