import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Given } from '../../../src/commands/settings/configure.js';
import { givenTo, settingOptions } from '../../../src/commands/settings/flags.js';

/** What a command with these arguments is given; the variables are those of the process. */
export function given(args: readonly string[]): Given {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of settingOptions()) command.addOption(option);
  command.parse(args, { from: 'user' });
  return givenTo(command);
}

/** A folder for a test, gone at its end. */
export interface Folder extends Disposable {
  readonly path: string;
  /** Writes a file into it. @returns its path. */
  write(name: string, text: string): string;
}

export function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'wsn-settings-'));
  return {
    path,
    write(name, text) {
      writeFileSync(join(path, name), text);
      return join(path, name);
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
