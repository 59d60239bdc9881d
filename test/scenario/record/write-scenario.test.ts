import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { escapeJson } from '../../../src/commands/terminal/escape-json.js';
import { writeScenario } from '../../../src/scenario/record/write-scenario.js';

it('a scenario is read back as the same when what could act on a terminal is written with escapes', () => {
  const odd = 'a\u007f\u009b2J\u2028\u2029\u202e\u2069\u061c\u200f "b" $';
  const steps = [
    { place: 0, rules: ['R-2.1'], atMs: 0, word: 'send', args: { client: 'c', json: { [odd]: [odd, "it's", '"'] }, long: odd.repeat(20) } },
  ];
  const text = escapeJson(writeScenario({ schema: 's', remarks: [], id: 'recorded/x', title: odd, rules: ['R-2.1'], clients: {}, steps }));
  expect(text).not.toMatch(/[\u007f-\u009f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/);
  expect(parse(text)).toMatchObject({ title: odd, steps: [{ send: steps[0]?.args }] });
});
