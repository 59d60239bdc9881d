import { afterEach, describe, expect, it } from 'vitest';
import { reloadAtHangUp } from '../../../src/commands/serve/reload.js';
import { settingValue } from '../../../src/commands/settings/configuration.js';
import { configure } from '../../../src/commands/settings/configure.js';
import { type BrokerOptions, OptionError } from '../../../src/server/index.js';
import { folder, given } from '../settings/given.js';

type Entry = readonly [message: string, fields: object];

const before = process.listeners('SIGHUP');

afterEach(() => {
  for (const listener of process.listeners('SIGHUP')) if (!before.includes(listener)) process.off('SIGHUP', listener);
});

/** A broker that takes what it is given, or throws, with a log that can be waited for. */
async function reloading(
  file: string,
  take: (options: Partial<BrokerOptions>) => Promise<readonly (keyof BrokerOptions)[]> = async () => [],
) {
  const dir = folder();
  const path = dir.write('wsn.yaml', file);
  let reads = 0;
  const read = () => {
    reads++;
    return configure(given(['--config', path]), {});
  };
  const entries: Entry[] = [];
  let wake = () => {};
  const note = (fields: object, message: string) => {
    entries.push([message, fields]);
    if (message.startsWith('reload')) wake();
  };
  const applied: string[] = [];
  const taken: Partial<BrokerOptions>[] = [];
  const reloads = reloadAtHangUp({
    read,
    log: { debug: note, info: note, warn: note, error: note },
    configuration: await read(),
    applied: (next) => applied.push(settingValue(next, 'logLevel')),
    hasLostTerminal: () => false,
    hungUp: () => {},
  });
  const broker = {
    async reconfigure(options: Partial<BrokerOptions>) {
      taken.push(options);
      return take(options);
    },
  };
  return {
    begin: () => reloads.begin(broker),
    taken,
    /** How often the configuration has been read, for the start too. */
    reads: () => reads,
    /** The levels of the log that came into force. */
    applied,
    /** Changes the file and hangs up. @returns what the log says then. */
    async hangUp(text?: string): Promise<readonly Entry[]> {
      if (text !== undefined) dir.write('wsn.yaml', text);
      const isDone = new Promise<void>((resolve) => {
        wake = resolve;
      });
      entries.length = 0;
      process.emit('SIGHUP');
      await isDone;
      return entries.map(([message, fields]) => [message, JSON.parse(JSON.stringify(fields).replaceAll(dir.path, 'DIR'))]);
    },
    [Symbol.dispose]: () => dir[Symbol.dispose](),
  };
}

describe('a reload', () => {
  it('says so when nothing has changed', async () => {
    using it = await reloading('');
    it.begin();
    expect(await it.hangUp()).toEqual([['reloaded: nothing has changed', {}]]);
  });

  it('applies what has changed, and what is gone from the file with its default', async () => {
    using it = await reloading('limits: { message: 2KiB }');
    it.begin();
    expect(await it.hangUp('access: { allowOrigins: ["*"] }')).toEqual([
      ['reloaded', { changed: ['access.allowOrigins', 'limits.message'] }],
    ]);
    expect(it.applied).toEqual(['info']);
    expect(it.taken.at(-1)).toMatchObject({ allowOrigins: ['*'], maxMessageBytes: 1024 * 1024 });
  });

  it('names what the broker found changed in files, too', async () => {
    using it = await reloading('', async () => ['tlsCert', 'authSecretFile']);
    it.begin();
    expect(await it.hangUp()).toEqual([['reloaded', { changed: ['tls.cert', 'auth.secretFile'] }]]);
  });

  it.each([
    ['limits:\n  message: 1B', 'DIR/wsn.yaml:2:12: limits.message is "1B": expected 1KiB to 256MiB'],
    ['limits: { mesage: 1KiB }', 'DIR/wsn.yaml:1:11: there is no member "mesage": did you mean "message"?'],
    ['listen: { port: 1 }\nlimits: { message: 4KiB, outbox: 1GiB }', 'listen.port, limits.outbox can change at a restart only'],
  ])('of %j applies nothing and says which', async (text, problem) => {
    using it = await reloading('limits: { message: 2KiB }');
    it.begin();
    expect(await it.hangUp(text)).toEqual([['reload refused: nothing was applied', { problem }]]);
    expect([it.taken, it.applied]).toEqual([[], []]);
    expect(await it.hangUp('limits: { message: 3KiB }')).toEqual([['reloaded', { changed: ['limits.message'] }]]);
  });

  it('never switches authentication off, as an emptied file would (R-7.2)', async () => {
    using it = await reloading('auth: { secretFile: x }');
    it.begin();
    expect(await it.hangUp('')).toEqual([
      ['reload refused: nothing was applied', { problem: 'authentication can be switched off at a restart only' }],
    ]);
    expect(await it.hangUp('auth: { jwks: y }')).toEqual([['reloaded', { changed: ['auth.secretFile', 'auth.jwks'] }]]);
  });

  it('that the broker refuses keeps what was before, and is told in the words of the file', async () => {
    let isBad = true;
    using it = await reloading('', async () => {
      if (isBad) throw new OptionError('tlsCert', 'x.pem cannot be read');
      return [];
    });
    it.begin();
    const file = 'tls:\n  cert: x.pem';
    expect(await it.hangUp(file)).toEqual([
      ['reload refused: nothing was applied', { problem: 'DIR/wsn.yaml:2:9: tls.cert x.pem cannot be read' }],
    ]);
    isBad = false;
    expect(await it.hangUp()).toEqual([['reloaded', { changed: ['tls.cert'] }]]);
    expect(await it.hangUp()).toEqual([['reloaded: nothing has changed', {}]]);
  });

  it('that is asked for while the broker starts is done when it has started', async () => {
    using it = await reloading('');
    const said = it.hangUp('limits: { message: 3KiB }');
    it.begin();
    expect(await said).toEqual([['reloaded', { changed: ['limits.message'] }]]);
  });

  it('that is asked for while another runs follows it, once however often it is asked for', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    using it = await reloading('', async () => {
      await gate;
      return [];
    });
    it.begin();
    const first = it.hangUp();
    process.emit('SIGHUP');
    process.emit('SIGHUP');
    open();
    await first;
    await expect.poll(() => it.taken.length).toBe(2);
    // A third one would have begun to read in the same turn in which the second ended.
    expect(it.reads()).toBe(3);
  });
});
