import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { either, formatFileError, type Infer, integer, json, listOf, mapOf, optional, record, text } from '../../../src/document/index.js';
import { clientName } from '../../../src/scenario/file/client-name.js';
import { type LoadedScenarios, loadScenarios } from '../../../src/scenario/file/load.js';
import type { LoadDefinition } from '../../../src/scenario/file/load-shape.js';
import type { Vocabulary } from '../../../src/scenario/file/scenario-shape.js';
import type { StepDefinition } from '../../../src/scenario/steps/step-definition.js';

const SEND = record(
  'What is sent',
  { client: clientName('Who sends'), message: optional(json('Any JSON')), text: optional(text('Any text')) },
  { exactlyOne: [['message', 'text']] },
);

/** A small load, which is never run here. */
const LOAD: LoadDefinition<{ readonly rate: number }> = {
  shape: record('A load', { rate: integer('How much', { least: 1 }) }),
  run: async () => [],
};

const READY = either('Whom to ask', { scalar: clientName('One'), list: listOf('Several', clientName('Each')) });

const NOTIFY = record('What is published', {
  as: optional(text('Its name')),
  data: optional(json('Its data')),
  save: optional(mapOf('What to keep', text('A JSON pointer'))),
});

const EXPECT = record('What has to come', {
  client: clientName('Who receives'),
  notification: optional(text('Which')),
  count: optional(integer('How often', { least: 0 })),
  sequence: optional(listOf('In this order', record('One', { notification: text('Which') }))),
});

/** Smaller steps than those of the product: what is tested with them is how a file is read. */
const STEPS = [
  step<Infer<typeof EXPECT>>({ word: 'expect', shape: EXPECT, clients: ({ client }) => [client] }),
  step<Infer<typeof NOTIFY>>({ word: 'notify', shape: NOTIFY, clients: () => [] }),
  step<Infer<typeof READY>>({ word: 'ready', shape: READY, clients: (names) => (typeof names === 'string' ? [names] : names) }),
  step<Infer<typeof SEND>>({ word: 'send', shape: SEND, clients: ({ client }) => [client] }),
];

export const WORDS: Vocabulary = { steps: STEPS, load: LOAD };

function step<A>(definition: Omit<StepDefinition<A>, 'about' | 'run'>): StepDefinition<A> {
  return { about: `What ${definition.word} does`, run: async () => undefined, ...definition };
}

/** A folder of files that is gone at the end of the test. */
export function folderOf(files: Readonly<Record<string, string>>): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'wsn-scenarios-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** What a file of this text is loaded as. */
export function load(content: string): LoadedScenarios {
  using folder = folderOf({ 'file.yaml': content });
  return loadScenarios([join(folder.path, 'file.yaml')], WORDS);
}

/** Everything that is wrong with a file of this text, as it is shown; the file is called `file.yaml`. */
export function errorsOf(content: string): string {
  return load(content)
    .errors.map((error) => formatFileError(error.source, { ...error, path: 'file.yaml' }))
    .join('\n');
}
