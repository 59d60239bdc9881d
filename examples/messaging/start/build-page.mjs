import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotStart } from './cannot-start.mjs';

const PAGE = fileURLToPath(new URL('../page', import.meta.url));

/**
 * Bundles the page into `folder`: `index.html`, `main.js`, `main.css`.
 * @throws CannotStart when esbuild or React is not installed, or the page is wrong.
 */
export async function buildPage(folder) {
  const { build, stop } = await import('esbuild').catch(() => {
    throw new CannotStart(notInstalled('esbuild'));
  });
  await mkdir(folder, { recursive: true });
  await copyFile(join(PAGE, 'index.html'), join(folder, 'index.html'));
  await build({
    entryPoints: [join(PAGE, 'main.tsx'), join(PAGE, 'main.css')],
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  }).catch((error) => {
    const text = error.errors?.[0]?.text ?? error.message;
    const [, missing] = /^Could not resolve "(react(?:-dom)?)[/"]/.exec(text) ?? [];
    throw new CannotStart(missing ? notInstalled(missing) : `cannot bundle the page: ${text}`);
  });
  // The process in which esbuild works.
  await stop();
}

function notInstalled(name) {
  return `${name} is not installed: run npm ci in a checkout of wsn`;
}
