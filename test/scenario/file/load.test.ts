import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatFileError } from '../../../src/document/index.js';
import { loadScenarios } from '../../../src/scenario/file/load.js';
import { errorsOf, folderOf, load, WORDS } from './loading.js';

/** Spelled so that `npm run check:rules` does not take it for a citation. */
const UNKNOWN_RULE = ['R-3', '9'].join('.');

const HEAD = `id: match/equal
title: A value accepts its equal
rule: R-3.2
level: must
`;

const BODY = `clients:
  alice: {}
steps:
  - ready: alice
`;

describe('a scenario file', () => {
  test('becomes one case without a matrix, with the defaults of its clients', () => {
    const { cases, errors, files } = load(HEAD + BODY);
    expect({ errors, files }).toEqual({ errors: [], files: 1 });
    expect(cases).toMatchObject([
      {
        id: 'match/equal',
        scenario: 'match/equal',
        title: 'A value accepts its equal',
        rules: ['R-3.2'],
        level: 'must',
        place: { line: 1, column: 5, length: 11 },
        row: undefined,
        server: undefined,
        clients: { alice: { kind: 'normal', subprotocols: [], path: '/', headers: {} } },
        steps: [{ word: 'ready', clients: ['alice'], place: { line: 8, column: 5, length: 5 } }],
        finally: [],
      },
    ]);
  });

  test('becomes a case for each row of its matrix, with its values in their types', () => {
    const { cases, errors } = load(`${HEAD}clients: { alice: { path: "\${path}" } }
matrix:
  - { path: /a, count: 0 }
  - { path: /b, count: 2, name: twice }
steps:
  - expect: { client: alice, count: "\${count}" }
`);
    expect(errors).toEqual([]);
    expect(cases.map(({ id, row, place, clients }) => ({ id, row, line: place.line, path: clients.alice?.path }))).toEqual([
      { id: 'match/equal#1', row: { path: '/a', count: 0 }, line: 7, path: '/a' },
      { id: 'match/equal#2', row: { path: '/b', count: 2, name: 'twice' }, line: 8, path: '/b' },
    ]);
  });

  test('gives the place of an argument by its JSON pointer, and that of the step where there is none', () => {
    const [found] = load(`${HEAD}clients: { alice: {} }
steps:
  - send: { client: alice, message: { a/b: [1, 22] } }
`).cases;
    const step = found?.steps[0];
    expect(step?.placeOf('/message/a~1b/1')).toEqual({ line: 7, column: 48, length: 2 });
    expect(step?.placeOf('/message/none')).toEqual({ line: 7, column: 5, length: 4 });
  });

  test('may ask for a server of its own', () => {
    expect(load(`${HEAD}server: own\n${BODY}`).cases[0]?.server).toEqual({});
    expect(load(`${HEAD}server: { pingIntervalMs: 300, tolerant: true }\n${BODY}`).cases[0]?.server).toEqual({
      pingIntervalMs: 300,
      tolerant: true,
    });
  });

  test.each([
    [
      'an unknown step',
      `${HEAD}clients: { alice: {} }\nsteps:\n  - raedy: alice\n`,
      `file.yaml:7:5: there is no step "raedy": did you mean "ready"?
  7 |   - raedy: alice
    |     ^^^^^`,
    ],
    [
      'an unknown step that is near to none',
      `${HEAD}clients: { alice: {} }\nsteps:\n  - hibernate: alice\n`,
      `file.yaml:7:5: there is no step "hibernate": the steps are expect, notify, ready, send
  7 |   - hibernate: alice
    |     ^^^^^^^^^`,
    ],
    [
      'two words in one step, as with a forgotten hyphen',
      `${HEAD}clients: { alice: {} }\nsteps:\n  - ready: alice\n    notify: {}\n`,
      `file.yaml:8:5: found "notify" beside "ready", expected one word a step: begin the next step with "- ", or indent deeper what belongs to "ready"
  8 |     notify: {}
    |     ^^^^^^`,
    ],
    [
      'a step that is a word alone',
      `${HEAD}clients: { alice: {} }\nsteps:\n  - ready\n`,
      `file.yaml:7:5: found the text "ready", expected a step such as "ready: alice"
  7 |   - ready
    |     ^^^^^`,
    ],
    [
      'wrong indentation',
      `${HEAD}clients:\n  alice: {}\n bob: {}\n`,
      `file.yaml:7:2: wrong indentation: the members of a map begin in the same column, and this line begins in another
  7 |  bob: {}
    |  ^^^^^^^`,
    ],
    [
      'a tab in the indentation',
      `${HEAD}clients:\n\talice: {}\n`,
      `file.yaml:6:1: found a tab in the indentation: indent with spaces
  6 | \talice: {}
    | ^`,
    ],
    [
      'an unknown rule',
      `${HEAD.replace('R-3.2', UNKNOWN_RULE)}${BODY}`,
      `file.yaml:3:7: there is no rule "${UNKNOWN_RULE}" in PROTOCOL.md: its section has R-3.1, R-3.2, R-3.3
  3 | rule: ${UNKNOWN_RULE}
    |       ^^^^^`,
    ],
    [
      'a client that does not exist, with all that do',
      `${HEAD}${BODY.replace('ready: alice', 'ready: [alice, alcie]')}`,
      `file.yaml:8:20: there is no client "alcie": did you mean "alice"? The clients are alice
  8 |   - ready: [alice, alcie]
    |                    ^^^^^`,
    ],
    [
      'a client where there are none',
      `${HEAD}steps:\n  - ready: alice\n`,
      `file.yaml:6:12: there is no client "alice": there are no clients
  6 |   - ready: alice
    |            ^^^^^`,
    ],
    [
      'a client that no step names',
      `${HEAD}${BODY.replace('alice: {}', 'alice: {}\n  bob: {}')}`,
      `file.yaml:7:3: no step names the client "bob": take it out
  7 |   bob: {}
    |   ^^^`,
    ],
    [
      'an unknown level',
      `${HEAD.replace('must', 'mast')}${BODY}`,
      `file.yaml:4:8: found the text "mast", expected one of must, should, info: did you mean "must"?
  4 | level: mast
    |        ^^^^`,
    ],
    [
      'an id that --only could not choose by',
      `${HEAD.replace('match/equal', 'Match equal')}${BODY}`,
      `file.yaml:1:5: found the text "Match equal", expected an id such as match/list-against-scalar: small letters, digits and hyphens, with slashes between
  1 | id: Match equal
    |     ^^^^^^^^^^^`,
    ],
    [
      'an unknown option of the server',
      `${HEAD}server: { pingIntervallMs: 300 }\n${BODY}`,
      `file.yaml:5:11: there is no member "pingIntervallMs": did you mean "pingIntervalMs"?
  5 | server: { pingIntervallMs: 300 }
    |           ^^^^^^^^^^^^^^^`,
    ],
    [
      'a load that is none',
      `${HEAD}load: { rate: 0 }\n${BODY}`,
      `file.yaml:5:15: found the number 0, expected a whole number of at least 1
  5 | load: { rate: 0 }
    |               ^`,
    ],
    [
      'neither steps nor a load',
      HEAD,
      `file.yaml:1:1: found none of "steps" and "load", expected one of them
  1 | id: match/equal
    | ^^^^^^^^^^^^^^^`,
    ],
    [
      'a notification that nothing has sent before',
      `${HEAD}clients: { alice: {} }\nsteps:\n  - notify: { as: news }\n  - expect: { client: alice, notification: nwes }\n`,
      `file.yaml:8:44: no step before this one has sent a notification "nwes": did you mean "news"?
  8 |   - expect: { client: alice, notification: nwes }
    |                                            ^^^^`,
    ],
    [
      'a notification of a sequence that is sent only later',
      `${HEAD}clients: { alice: {} }\nsteps:\n  - expect: { client: alice, sequence: [{ notification: news }] }\n  - notify: { as: news }\n`,
      `file.yaml:7:57: no step before this one has sent a notification "news": there are no notifications so far
  7 |   - expect: { client: alice, sequence: [{ notification: news }] }
    |                                                         ^^^^`,
    ],
    [
      'no steps at all',
      `${HEAD}steps: []\n`,
      `file.yaml:5:8: found an empty list, expected a list of at least 1
  5 | steps: []
    |        ^^`,
    ],
  ])('is refused with %s', (_, content, message) => {
    expect(errorsOf(content)).toBe(message);
  });

  test('is told all that is wrong with it at once, in the order of its lines', () => {
    const errors = load('title: A\nlevel: must\nsteps:\n  - ready: bob\n  - send: {}\n').errors;
    expect(errors.map(({ place, message }) => `${place.line}:${place.column} ${message}`)).toEqual([
      '1:1 the member "id" is missing',
      '1:1 the member "rule" is missing',
      '4:12 there is no client "bob": there are no clients',
      '5:11 the member "client" is missing',
      '5:11 found none of "message" and "text", expected one of them',
    ]);
  });
});

describe('a matrix', () => {
  const withMatrix = (rows: string) => `${HEAD}clients: { alice: {} }
matrix:
${rows}
steps:
  - expect: { client: alice, count: "\${count}" }
`;

  test.each([
    [
      'an unknown variable',
      withMatrix('  - { cuont: 1 }'),
      `file.yaml:9:37: there is no variable "count": did you mean "cuont"?
  9 |   - expect: { client: alice, count: "\${count}" }
    |                                     ^^^^^^^^^^`,
    ],
    [
      'a variable that no step uses',
      withMatrix('  - { count: 1, given: 2 }'),
      `file.yaml:7:17: no step uses the variable "given": write \${given} where it belongs, or take it out
  7 |   - { count: 1, given: 2 }
    |                 ^^^^^`,
    ],
    [
      'rows of different columns',
      withMatrix('  - { count: 1 }\n  - { count: 1, given: 2 }'),
      `file.yaml:8:17: the first row has no variable "given": every row has the same ones
  8 |   - { count: 1, given: 2 }
    |                 ^^^^^`,
    ],
    [
      'a name that the harness gives',
      withMatrix('  - { count: 1, package: 2 }'),
      `file.yaml:7:17: "package" cannot be a variable of the matrix: the harness gives it a value
  7 |   - { count: 1, package: 2 }
    |                 ^^^^^^^`,
    ],
    [
      'a value that does not fit in one row, which the message names',
      withMatrix('  - { count: 1 }\n  - { count: one }\n  - { count: two }'),
      `file.yaml:11:37: found the text "one", expected a whole number of at least 0 (in row 2 of the matrix)
  11 |   - expect: { client: alice, count: "\${count}" }
     |                                     ^^^^^^^^^^`,
    ],
  ])('is refused with %s', (_, content, message) => {
    expect(errorsOf(content)).toBe(message);
  });

  test('says once what is wrong in every row', () => {
    expect(load(withMatrix('  - { count: -1 }\n  - { count: -2 }')).errors).toHaveLength(1);
  });
});

describe('files and folders', () => {
  test('are read in the order of their names, without what a suite says of servers', () => {
    const of = (id: string) => HEAD.replace('match/equal', id) + BODY;
    using folder = folderOf({ 'b/two.yaml': of('b/two'), 'a/one.yml': of('a/one'), 'targets/php.yaml': 'x', 'readme.md': 'x' });
    const { cases, errors, files } = loadScenarios([folder.path, join(folder.path, 'b/two.yaml')], WORDS);
    expect({ ids: cases.map(({ id }) => id), errors, files }).toEqual({ ids: ['a/one', 'b/two'], errors: [], files: 2 });
    expect(cases[0]?.source.path).toBe(join(folder.path, 'a/one.yml'));
  });

  test('may not have an id twice', () => {
    using folder = folderOf({ 'a.yaml': HEAD + BODY, 'b.yaml': HEAD + BODY });
    const { cases, errors } = loadScenarios([folder.path], WORDS);
    expect(cases).toHaveLength(1);
    expect(errors.map(({ path, message }) => [path, message])).toEqual([
      [join(folder.path, 'b.yaml'), `the id "match/equal" is taken: ${join(folder.path, 'a.yaml')}:1 has it`],
    ]);
  });

  test('are an error where nothing is, or nothing to run', () => {
    using folder = folderOf({ 'notes.txt': '' });
    const missing = join(folder.path, 'missing');
    const { errors } = loadScenarios([missing, folder.path], WORDS);
    expect(errors.map((error) => formatFileError(error.source, error))).toEqual([
      `${missing}: there is no such file or folder`,
      `${folder.path}: found no scenario in this folder, expected *.yaml files`,
    ]);
  });
});
