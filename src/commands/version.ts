import { createRequire } from 'node:module';

/** Of this program; found through the package's own name, so that it is the same from `src` and from `dist`. */
export const { version } = createRequire(import.meta.url)('wsn/package.json') as { readonly version: string };
