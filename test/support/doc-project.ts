import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** A block of code in a page. */
export interface DocBlock {
  /** The page and the block's place in it, as the file that it becomes: `client-3.ts`. */
  readonly file: string;
  readonly language: string;
  /** What stands behind the language; `compiled`: it is compiled, and not run. */
  readonly mark: string;
  readonly text: string;
}

const CODE = ['ts', 'tsx', 'js'];

/** The file of a page: the README, or one of `docs`. */
function pathOf(page: string): string {
  return page === 'README' ? 'README.md' : join('docs', `${page}.md`);
}

/** The blocks of a page, in their order. */
export function blocksOf(page: string): readonly DocBlock[] {
  const text = readFileSync(pathOf(page), 'utf8');
  return [...text.matchAll(/^```(\w+)(?: (\w+))?\n(.*?)^```$/gms)].map(([, language = '', mark = '', body = ''], index) => ({
    // A `.js` of React Native's configuration is CommonJS.
    file: `${page}-${index}.${language === 'js' ? 'cjs' : language}`,
    language,
    mark,
    text: body,
  }));
}

/** The blocks of TypeScript and JavaScript. */
export function codeOf(page: string): readonly DocBlock[] {
  return blocksOf(page).filter(({ language }) => CODE.includes(language));
}

/** A block as a module: one that speaks of a `client` that an earlier block has made gets one. */
export function moduleOf({ text, language }: DocBlock, url: string): string {
  const code = text.replaceAll('ws://127.0.0.1:8000', url);
  const needsClient = language === 'ts' && /\bclient\./.test(code) && !/\bconst client\b/.test(code);
  const head = "import { createClient as connect } from 'wsn/client';\n";
  return needsClient ? `${head}const client = connect({ url: ${JSON.stringify(url)} });\n${code}` : code;
}

/** Modules of React Native that pages import: as little of them as there is, and a count of who listens. */
const STUBS: Readonly<Record<string, readonly [types: string, code: string]>> = {
  'react-native': [
    `import type { ReactElement, ReactNode } from 'react';
    export type AppStateStatus = 'active' | 'background' | 'inactive' | 'unknown' | 'extension';
    export declare const AppState: {
      addEventListener(type: 'change' | 'memoryWarning' | 'blur' | 'focus', listener: (state: AppStateStatus) => void): { remove(): void };
    };
    export declare function Text(props: { children?: ReactNode }): ReactElement;
    export declare function FlatList<T>(props: { data: readonly T[]; renderItem(entry: { item: T }): ReactElement }): ReactElement;`,
    `import { createElement } from 'react';
    export const listen = () => {
      globalThis.listening = (globalThis.listening ?? 0) + 1;
      return () => globalThis.listening--;
    };
    export const AppState = { addEventListener: () => ({ remove: listen() }) };
    export const Text = ({ children }) => createElement('Text', null, children);
    export const FlatList = ({ data, renderItem }) => data.map((item, key) => createElement('View', { key }, renderItem({ item })));`,
  ],
  '@react-native-community/netinfo': [
    `declare const NetInfo: { addEventListener(listener: (state: { isConnected: boolean | null }) => void): () => void };
    export default NetInfo;`,
    `import { listen } from 'react-native';
    export default { addEventListener: listen };`,
  ],
  'expo-secure-store': [
    `export declare function getItemAsync(key: string): Promise<string | null>;
    export declare function setItemAsync(key: string, value: string): Promise<void>;`,
    `const kept = new Map();
    export const getItemAsync = async (key) => kept.get(key) ?? null;
    export const setItemAsync = async (key, value) => void kept.set(key, value);`,
  ],
};

/** What projects of the pages have installed, in the versions of this checkout. */
const INSTALLED = ['react', '@types/node', '@types/react'];

/** A project of somebody who reads the pages: `wsn` as it was built here, React, and as much of React Native as they import. */
export interface DocProject extends Disposable {
  readonly folder: string;
  write(name: string, text: string): void;
}

export function createDocProject(): DocProject {
  const folder = mkdtempSync(join(tmpdir(), 'wsn-docs-'));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const link = (target: string, name: string) => {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(target, join(folder, 'node_modules', name));
  };
  write('package.json', '{ "type": "module" }');
  link(resolve('.'), 'wsn');
  for (const name of INSTALLED) link(resolve('node_modules', name), name);
  for (const [name, [types, code]] of Object.entries(STUBS)) {
    write(`node_modules/${name}/package.json`, '{ "type": "module", "exports": { "types": "./index.d.ts", "default": "./index.js" } }');
    write(`node_modules/${name}/index.d.ts`, types);
    write(`node_modules/${name}/index.js`, code);
  }
  return { folder, write, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
