import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appendSummary, checkResultFiles, isTextReplaced, writeResult } from '../../../src/commands/bench/result-files.js';
import { flagsOf } from './flags.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsn-bench-'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);

describe('the files of results', () => {
  it('are refused before the run when their folder is missing, or they are folders', () => {
    expect(() => checkResultFiles(flagsOf('--junit', at('no/r.xml')))).toThrow(
      `cannot write --junit ${at('no/r.xml')}: there is no folder ${at('no')}`,
    );
    mkdirSync(at('there'));
    expect(() => checkResultFiles(flagsOf('--html', at('there')))).toThrow(
      `cannot write --html ${at('there')}: it is a folder; name a file in it`,
    );
  });

  it('are refused before the run when what should be their folder is a file', () => {
    writeFileSync(at('file'), '');
    expect(() => checkResultFiles(flagsOf('--save', at('file/r.json')))).toThrow(
      `cannot write --save ${at('file/r.json')}: there is no folder ${at('file')}`,
    );
    rmSync(at('file'));
  });

  it('are refused when two would be the same, or two reports want stdout', () => {
    expect(() => checkResultFiles(flagsOf('--json', at('r'), '--save', at('./r')))).toThrow('--json and --save name the same file');
    expect(() => checkResultFiles(flagsOf('--json', '--junit', '-'))).toThrow('--json and --junit - exclude each other: each wants stdout');
    expect(() => checkResultFiles(flagsOf('--save', '-'))).toThrow('--save - would keep nothing');
  });

  it('may be several', () => {
    checkResultFiles(flagsOf('--json', '--save', at('a'), '--junit', at('b'), '--html', at('c'), '--markdown', at('d')));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('have the text left out only where something else stands on stdout', () => {
    expect(isTextReplaced(flagsOf('--json', at('r.json')))).toBe(false);
    expect(isTextReplaced(flagsOf('--json'))).toBe(true);
    expect(isTextReplaced(flagsOf('--markdown', '-'))).toBe(true);
  });

  it('are replaced whole, also through a link, and nothing is left beside them', async () => {
    writeFileSync(at('r.json'), 'a result of before, which is longer');
    symlinkSync(at('r.json'), at('link.json'));
    await writeResult(flagsOf('--save', at('link.json')), 'save', () => 'new');
    expect(readFileSync(at('r.json'), 'utf8')).toBe('new');
    expect(readdirSync(folder).sort()).toEqual(['link.json', 'r.json']);
  });

  it('keep what they had when the new one cannot be made', async () => {
    writeFileSync(at('r.html'), 'old');
    const render = () => Promise.reject(new Error('no'));
    await expect(writeResult(flagsOf('--html', at('r.html')), 'html', render)).rejects.toThrow('no');
    expect(readFileSync(at('r.html'), 'utf8')).toBe('old');
  });

  it('are not made when nobody asks for them', async () => {
    await writeResult(flagsOf(), 'html', () => Promise.reject(new Error('asked')));
  });

  it('name the option when they cannot be written after all', async () => {
    mkdirSync(at('gone'));
    const flags = flagsOf('--junit', at('gone/r.xml'));
    checkResultFiles(flags);
    rmSync(at('gone'), { recursive: true });
    await expect(writeResult(flags, 'junit', () => 'x')).rejects.toThrow(`cannot write --junit ${at('gone/r.xml')}: ENOENT`);
  });
});

describe('the summary of a job', () => {
  it('gets the report behind what it has', async () => {
    writeFileSync(at('summary.md'), '# Before\n');
    vi.stubEnv('GITHUB_STEP_SUMMARY', at('summary.md'));
    await appendSummary(() => '# After\n');
    expect(readFileSync(at('summary.md'), 'utf8')).toBe('# Before\n# After\n');
  });

  it('that cannot be written is told, and spoils nothing', async () => {
    vi.stubEnv('GITHUB_STEP_SUMMARY', at('no/summary.md'));
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await appendSummary(() => '# After\n');
    const told = write.mock.calls.map(([text]) => String(text)).join('');
    write.mockRestore();
    expect(told).toMatch(/^cannot add to \$GITHUB_STEP_SUMMARY: ENOENT/);
  });

  it('is not made where there is none', async () => {
    vi.stubEnv('GITHUB_STEP_SUMMARY', '');
    await appendSummary(() => {
      throw new Error('asked');
    });
  });
});
