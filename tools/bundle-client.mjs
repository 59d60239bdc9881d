// Ends a build: makes `dist/browser/client.js`, all of wsn/client in one minified ES module, for a page without a bundler
// (`wsn/client/browser`), and its types. Both are replaced as a whole: a page or a package never sees half of one.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';

const FOLDER = join('dist', 'browser');

const { outputFiles } = await build({
  entryPoints: [join('dist', 'src', 'client', 'index.js')],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  platform: 'neutral', // nothing but what every platform has: an import of a package or of Node's fails here
  legalComments: 'none',
  write: false,
});

mkdirSync(FOLDER, { recursive: true });
replace('client.js', outputFiles[0].contents);
replace('client.d.ts', "export * from '../src/client/index.js';\n");

function replace(name, content) {
  const made = join(FOLDER, `${name}.${process.pid}`);
  writeFileSync(made, content);
  renameSync(made, join(FOLDER, name));
}
