import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotStart } from './cannot-start.mjs';

const PAGE = fileURLToPath(new URL('../page', import.meta.url));

/**
 * Bundles the page into `folder`: `index.html`, `main.js`, `main.css`.
 * @throws CannotStart when esbuild is not installed, or the page is wrong.
 */
export async function buildPage(folder) {
  const { build, stop } = await import('esbuild').catch(() => {
    throw new CannotStart('esbuild is not installed: run npm ci in a checkout of wsn');
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
    throw new CannotStart(`cannot bundle the page: ${error.errors?.[0]?.text ?? error.message}`);
  });
  // The process in which esbuild works.
  await stop();
}
