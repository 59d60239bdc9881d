import { describe, expect, it } from 'vitest';
import { fillCommand, splitCommand, takesOptions } from '../../../src/scenario/net/server-command.js';
import { serverFlags } from '../../../src/scenario/net/server-flags.js';

describe('the command of a server', () => {
  it.each([
    ['php server.php {port}', ['php', 'server.php', '{port}']],
    ['  a\t b  ', ['a', 'b']],
    [`a 'b c' "d e"f`, ['a', 'b c', 'd ef']],
    [`a '' ""`, ['a', '', '']],
    [String.raw`a\ b "c\"d" 'e\f' "g\h"`, ['a b', 'c"d', String.raw`e\f`, String.raw`g\h`]],
    [`sh -c 'cd x && exec y > z' "a|b;c"`, ['sh', '-c', 'cd x && exec y > z', 'a|b;c']],
  ])('is split as a shell would: %s', (text, words) => {
    expect(splitCommand(text)).toEqual(words);
  });

  it.each(['|', ';', '&&', '||', '&', '$', '<', '>', '>>', '`'])('cannot have %s, which needs a shell', (syntax) => {
    expect(() => splitCommand(`a ${syntax} b`)).toThrow(
      `the server command has "${syntax}", which needs a shell; it is started without one, so that signals reach the server: ` +
        'quote it if it is meant as it is, else put the command into a script that ends with exec, and name the script',
    );
  });

  it.each([
    ['a "$PORT"', 'the server command has "$"'],
    ['a\nb', 'the server command has a second line, which needs a shell'],
    ["a 'b", "the server command has a ' without its second one: a 'b"],
    [' ', 'the server command is empty; expected a program'],
    ['PORT=1 a', 'the server command begins with PORT=1, which needs a shell; write env before it'],
  ])('cannot be %j', (text, message) => {
    expect(() => splitCommand(text)).toThrow(message);
  });

  it('gets its port in any argument, and each flag as an argument', () => {
    expect(fillCommand(['a', '--listen=:{port}', '{options}', '{port}'], 9, ['--x', '1'])).toEqual(['a', '--listen=:9', '--x', '1', '9']);
    expect(fillCommand(['sh', '-c', 'exec a {port} {options}'], 9, ['--x', '1'])).toEqual(['sh', '-c', 'exec a 9 --x 1']);
    expect(fillCommand(['a', '{port}', '{options}'], 9, [])).toEqual(['a', '9']);
  });

  it('quotes flags for a shell, but not where each is an argument', () => {
    const flags = ['--x', `[{"a":"it's $HOME"}]`];
    expect(fillCommand(['sh', '-c', 'a {port} {options}'], 9, flags)).toEqual(['sh', '-c', String.raw`a 9 --x '[{"a":"it'\''s $HOME"}]'`]);
    expect(fillCommand(['a', '{port}', '{options}'], 9, flags)).toEqual(['a', '9', ...flags]);
  });

  it('has to say where the port goes, and where options go if there are some', () => {
    expect(() => fillCommand(['a', '{options}'], 9, [])).toThrow('has no {port}: a {options}; put it where the server is told its port');
    expect(() => fillCommand(['a', '{port}'], 9, ['--x', '1'])).toThrow('has no {options}, and the server has to be started with --x 1');
    expect([takesOptions('a {options}'), takesOptions(['a', '{port}'])]).toEqual([true, false]);
  });
});

describe('the options of a server', () => {
  it.each([
    [
      { pingIntervalMs: 300, maxMessageBytes: 2048, historyNotifications: 5 },
      '--ping-interval 300ms --max-message 2048B --history-notifications 5',
    ],
    [
      { handshakeTimeoutMs: 1, drainTimeoutMs: 2, slowReaderTimeoutMs: 3 },
      '--handshake-timeout 1ms --drain-timeout 2ms --slow-reader-timeout 3ms',
    ],
    [{ historyAgeMs: 1, historyBytes: 2, maxOutboxBytes: 3 }, '--history-age 1ms --history-bytes 2B --max-outbox 3B'],
    [{ tolerant: true, allowPublish: '10.0.0.0/8,::1/128' }, '--tolerant --allow-publish 10.0.0.0/8,::1/128'],
    [{ tolerant: false }, ''],
    [{ allowOrigins: 'https://a.example,https://b.example:8443' }, '--allow-origin https://a.example,https://b.example:8443'],
    [{ handshakesPerSecond: 2, maxHeaderBytes: 2048, authQueryToken: true }, '--handshake-rate 2 --max-header 2048B --auth-query-token'],
    [
      { anonymousSubscribe: 'none', anonymousPublish: [{ package: '*', page: 'q' }] },
      '--anonymous-subscribe none --anonymous-publish [{"package":"*","page":"q"}]',
    ],
    [{ authSecretFile: 'a secret.txt', schemas: '/schemas' }, '--auth-secret-file /suite/access/a secret.txt --schemas /schemas'],
  ])('become flags: %j', (options, flags) => {
    expect(serverFlags(options, '/suite/access').join(' ')).toBe(flags);
  });

  it.each([
    [{ closeTimeoutMs: 5 }, 'the server option "closeTimeoutMs" has no flag; expected one of allowOrigins, allowPublish, '],
    [{ toString: 5 }, 'the server option "toString" has no flag'],
    [{ pingIntervalMs: '300ms' }, 'the server option "pingIntervalMs" is "300ms"; expected a whole number of milliseconds'],
    [{ maxMessageBytes: 1.5 }, 'the server option "maxMessageBytes" is 1.5; expected a whole number of bytes'],
    [{ historyNotifications: -1 }, 'the server option "historyNotifications" is -1; expected a whole number'],
    [{ tolerant: 'yes' }, 'the server option "tolerant" is "yes"; expected true or false'],
    [
      { allowPublish: '$(id)' },
      'the server option "allowPublish" is "$(id)"; expected addresses such as "10.0.0.0/8", with commas between',
    ],
    [{ anonymousPublish: 'some' }, 'the server option "anonymousPublish" is "some"; expected "all", "none" or a list of grants'],
    [{ authIssuer: 'two words' }, 'the server option "authIssuer" is "two words"; expected words without spaces, with commas between'],
    [{ schemas: '' }, 'the server option "schemas" is ""; expected the name of a file or folder'],
  ])('are refused by name: %j', (options, message) => {
    expect(() => serverFlags(options as Record<string, number>)).toThrow(message);
  });
});
