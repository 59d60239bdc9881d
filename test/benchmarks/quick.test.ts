import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** The broker that others are compared with is a program, too, and no benchmark. */
const BENCHMARKS = readdirSync('benchmarks').filter((name) => name.endsWith('.mjs') && name !== 'naive-broker.mjs');

/** A title, the command, the machine, and a table of at least one row whose cells have something in them. */
const REPORT =
  /^## \S.*\n\n`(?:npm run bench:\w+|node benchmarks\/\w+\.mjs).*`\n.*\bcores\b.*\bNode v\d.*\n\n\|.*\|\n\|[-:|]+\|\n(?:\| *[^|\s].*\|\n)+/m;

describe('each benchmark', () => {
  it('is one of those that there are', () => {
    expect(BENCHMARKS).toContain('fanout.mjs');
  });

  it.each(BENCHMARKS)(
    'runs to its end and prints its table: %s --quick',
    async (name) => {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [`benchmarks/${name}`, '--quick'], { timeout: 85_000 });
      expect(stderr).toBe('');
      expect(stdout).toMatch(REPORT);
      expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
    },
    90_000,
  );
});
