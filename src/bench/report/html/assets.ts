import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** The modules of the page's script in the order in which they build upon each other; `main` draws. */
const MODULES = [
  new URL('page/look.js', import.meta.url),
  new URL('page/axes.js', import.meta.url),
  new URL('page/percentiles.js', import.meta.url),
  new URL('page/fan-out.js', import.meta.url),
  new URL('page/timeline.js', import.meta.url),
  new URL('page/heat-map.js', import.meta.url),
  new URL('page/main.js', import.meta.url),
];

const require = createRequire(import.meta.url);

/** What is written into a page so that it needs nothing else. */
export interface Assets {
  /** Of uPlot, with its licence. */
  readonly plotStyle: string;
  /** Defines `uPlot`. */
  readonly plotScript: string;
  /** Draws what it finds in the page; a module. */
  readonly pageScript: string;
}

/** @throws when the package is incomplete. */
export async function readAssets(): Promise<Assets> {
  const [plotStyle, plotScript, licence, ...modules] = await Promise.all([
    readText(require.resolve('uplot/dist/uPlot.min.css')),
    readText(require.resolve('uplot/dist/uPlot.iife.min.js')),
    readText(require.resolve('uplot/LICENSE')),
    ...MODULES.map(readText),
  ]);
  return { plotStyle, plotScript: `/*\n${licence.trim()}\n*/\n${plotScript}`, pageScript: modules.map(withoutImports).join('\n') };
}

/** A parser of HTML makes line feeds of all line ends, and hashes of scripts are of what it has read. */
async function readText(file: string | URL): Promise<string> {
  const text = await readFile(file, 'utf8');
  return text.replace(/\r\n?/g, '\n');
}

/**
 * The modules become one: what they import from each other stands above them, and uPlot is a global name. Their comments are
 * for those who read the source.
 */
function withoutImports(module: string): string {
  return module
    .replace(/^ *\/\*\*(?:(?!\*\/).)*\*\/\n/gms, '')
    .replace(/^import [^;]*;\n/gm, '')
    .replace(/^export (?!default)/gm, '')
    .trim();
}
