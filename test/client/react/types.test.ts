import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createClient, type Delivery } from '../../../src/client/index.js';
import { type Connection, useNotifications, useWebSocket, WebSocketProvider } from '../../../src/client/react.js';
import type { Json } from '../../../src/protocol/index.js';
import { compileProject } from '../../support/installed-package.js';

/** What an app would write, with what `wsn schema types` prints for it. */
const APP = `
import type {} from 'wsn/client';
import { useNotifications } from 'wsn/react';

interface Message { readonly text: string }
declare module 'wsn/client' {
  interface Register { data: { chat: { messages: Message; seen: { readonly by: number } } } }
}

export function useTexts(): readonly string[] {
  const messages = { package: 'chat', page: 'messages' } as const;
  useNotifications({ package: 'chat', page: 'seen', filters: { values: true } }, { onNotification: ({ notification }) => notification.data.by.toFixed() });
  useNotifications([messages, { package: 'chat', page: 'seen' }], {
    onNotification: ({ notification: { data } }) => ('text' in data ? data.text.trim() : data.by.toFixed()),
  });
  return useNotifications(messages, { initial: [] as string[], reduce: (texts, { notification }) => [...texts, notification.data.text] });
}
`;

describe('the types of the hooks', () => {
  it('know nothing of data that are not registered', () => {
    expectTypeOf(useNotifications<{ package: 'p'; page: 'q' }>)
      .parameter(1)
      .toHaveProperty('onNotification')
      .toEqualTypeOf<(delivery: Delivery<Json | undefined>) => void>();
    const count = () => useNotifications({ package: 'p', page: 'q' }, { initial: 0, reduce: (sum, { text }) => sum + text.length });
    expectTypeOf(count).returns.toEqualTypeOf<number>();
  });

  it('take one of onNotification and reduce, and a provider a url or a client', () => {
    const topic = { package: 'p', page: 'q' };
    const onNotification = () => {};
    const wrong = () => [
      // @ts-expect-error neither
      useNotifications(topic, {}),
      // @ts-expect-error both
      useNotifications(topic, { onNotification, initial: 0, reduce: (sum: number) => sum }),
      // @ts-expect-error no initial value
      useNotifications(topic, { reduce: (sum: number) => sum }),
      WebSocketProvider({ client: createClient<{ p: { q: { text: string } } }>({ url: 'ws://127.0.0.1:1' }) }),
      // @ts-expect-error neither
      WebSocketProvider({}),
    ];
    expect(wrong).toBeTypeOf('function');
    expectTypeOf(useWebSocket).returns.toEqualTypeOf<Connection>();
    const nothing = () => useNotifications(null, { onNotification });
    expectTypeOf(nothing).returns.toBeVoid();
  });

  it('infer data from those that an app has registered, and find a name that is wrong', async () => {
    using project = projectOf({ 'app.ts': APP, 'wrong.ts': APP.replaceAll('data.text', 'data.txt') });
    const said = await compileProject(project.config);
    const found = said.split('\n').filter((line) => /^\w+\.ts/.test(line));
    expect(found.map((line) => line.replace(/\(\d+,\d+\)/, ''))).toEqual(
      Array(2).fill("wrong.ts: error TS2551: Property 'txt' does not exist on type 'Message'. Did you mean 'text'?"),
    );
  });
});

/** A project that has the sources as the package `wsn`. */
function projectOf(files: Readonly<Record<string, string>>): Disposable & { readonly config: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wsn-types-'));
  const config = join(folder, 'tsconfig.json');
  const paths = { 'wsn/client': [resolve('src/client/index.ts')], 'wsn/react': [resolve('src/client/react.ts')] };
  const typeRoots = [resolve('node_modules/@types')];
  writeFileSync(
    config,
    JSON.stringify({
      extends: resolve('tsconfig.base.json'),
      compilerOptions: { noEmit: true, paths, typeRoots },
      files: Object.keys(files),
    }),
  );
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { config, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
