import { expect, it } from 'vitest';
import { startTestBroker } from '../../support/broker.js';
import { startCutLine } from '../../support/cut-line.js';
import { BACKSPACE, CTRL_C, describeOnTerminal, ENTER, HIDE_CURSOR, plain, SHOW_CURSOR } from '../../support/pty.js';
import type { RunningWsn } from '../../support/wsn.js';
import { messageFor, publish } from '../publish.js';

const CHANNEL_2 = ['--package', 'amaiia_msg_srv', '--channel', '2'];

/** The cursor was hidden at some time, and giving it back is the last that happened to it. */
function cursorIsBack(screen: string): boolean {
  return screen.includes(HIDE_CURSOR) && screen.lastIndexOf(SHOW_CURSOR) > screen.lastIndexOf(HIDE_CURSOR);
}

/** Types an answer when its question is there. */
async function answer(running: RunningWsn, question: RegExp, text: string): Promise<void> {
  await running.waitFor(question);
  running.stdin.write(`${text}${ENTER}`);
}

describeOnTerminal('wsn subscribe on a terminal', (spawnOnTerminal) => {
  it('asks what to subscribe to, prints what comes and quits by q with the cursor restored', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url]);
    await answer(running, /Package:/, 'amaiia_msg_srv');
    await answer(running, /Page:/, '');
    await answer(running, /Channels/, '2');
    await answer(running, /Other filters/, '');
    await running.waitFor(/subscribed to amaiia_msg_srv\/messages \{"values":\{"channel":\["2"\]\}\}/);
    await publish(broker.url, messageFor('2', '12345'));
    await running.waitFor(/amaiia_msg_srv\/messages #1 {2}Nouveau message reçu {2}\{"messageId":"12345","channelId":"2"\}/);
    running.stdin.write('q');
    const { code, stdout } = await running.exit;
    expect(code).toBe(0);
    expect(cursorIsBack(stdout)).toBe(true);
  });

  it('quits by Ctrl-C with the cursor restored, with 0 when it waits for nothing', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2]);
    await running.waitFor(/subscribed[\s\S]*● connected/);
    running.stdin.write(CTRL_C);
    const { code, stdout } = await running.exit;
    expect([code, cursorIsBack(stdout)]).toEqual([0, true]);
  });

  it('quits by Ctrl-C with 130 when what it waits for has not come', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2, '--count', '1']);
    await running.waitFor(/subscribed[\s\S]*● connected/);
    running.stdin.write(CTRL_C);
    const { code, stdout } = await running.exit;
    expect([code, cursorIsBack(stdout)]).toEqual([130, true]);
    expect(plain(stdout)).toContain('wsn: interrupted: 0 of 1 notification came');
  });

  it('quits by Ctrl-C in a question with 130', async () => {
    await using running = spawnOnTerminal(['subscribe']);
    await running.waitFor(/Package:/);
    running.stdin.write(CTRL_C);
    const { code, stdout } = await running.exit;
    expect(code).toBe(130);
    expect(stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThanOrEqual(stdout.lastIndexOf(HIDE_CURSOR));
  });

  it('restores the cursor when what it waits for has come', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2, '--count', '1']);
    await running.waitFor(/subscribed[\s\S]*● connected/);
    await publish(broker.url, messageFor('2', '1'));
    const { code, stdout } = await running.exit;
    expect([code, cursorIsBack(stdout)]).toEqual([0, true]);
    expect(plain(stdout)).toContain('Nouveau message reçu');
  });

  it('holds notifications back while p pauses it, and prints them when p goes on', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2]);
    await running.waitFor(/subscribed[\s\S]*● connected/);
    running.stdin.write('p');
    await running.waitFor(/paused, p go on · 0 held/);
    await publish(broker.url, messageFor('2', 'held back'));
    await running.waitFor(/paused, p go on · 1 held/);
    expect(running.stdout).not.toContain('held back');
    running.stdin.write('p');
    await running.waitFor(/held back/);
  });

  it('stays paused over a question, and holds what comes during it', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2]);
    await running.waitFor(/subscribed[\s\S]*● connected/);
    running.stdin.write('p');
    await running.waitFor(/paused, p go on · 0 held/);
    running.stdin.write('c');
    await running.waitFor(/Package:/);
    await publish(broker.url, messageFor('2', 'held back'));
    running.stdin.write(CTRL_C);
    await running.waitFor(/the subscription stays as it is[\s\S]*paused, p go on · 1 held/);
    expect(running.stdout).not.toContain('held back');
    running.stdin.write('p');
    await running.waitFor(/held back/);
  });

  it('ends at its timeout in the middle of a question, with the cursor restored', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2, '--timeout', '2s']);
    await running.waitFor(/subscribed[\s\S]*● connected/);
    running.stdin.write('c');
    await running.waitFor(/Package:/);
    const { code, stdout } = await running.exit;
    expect([code, cursorIsBack(stdout)]).toEqual([8, true]);
  });

  it('changes its subscription by c', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2]);
    await running.waitFor(/subscribed[\s\S]*● connected/);
    running.stdin.write('c');
    await answer(running, /Package:/, '');
    await answer(running, /Page:/, 'machines');
    await answer(running, /Channels, such as 2,3 \(Backspace: all\): .*\(2\)/, BACKSPACE);
    await answer(running, /Other filters/, 'values.oee');
    await running.waitFor(/subscribed to amaiia_msg_srv\/machines \{"values":\{"oee":true\}\}/);
    await publish(broker.url, messageFor('2', 'of the old topic'));
    await publish(broker.url, {
      package: 'amaiia_msg_srv',
      page: 'machines',
      filters: { values: { oee: 85.5 } },
      message: 'of the new one',
    });
    await running.waitFor(/of the new one/);
    expect(running.stdout).not.toContain('of the old topic');
  });

  it('shows statistics by s and the keys by ?', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2]);
    await running.waitFor(/subscribed[\s\S]*● connected/);
    await publish(broker.url, messageFor('2', '1'));
    await running.waitFor(/1 received/);
    running.stdin.write('s?');
    await running.waitFor(/Statistics[\s\S]*1 notification, the last at #1 of epoch/);
    await running.waitFor(/p pause or go on · c change the subscription/);
  });

  it('shows that it tries again while the broker is away', async () => {
    const broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2]);
    await running.waitFor(/subscribed[\s\S]*● connected/);
    broker.terminate();
    await running.waitFor(/○ retrying in \d+ s \(nobody listens there; is "wsn serve" running\?\)/);
  });

  it('counts what was recovered in the status line and in the statistics (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using line = await startCutLine(broker.port);
    await publish(broker.url, messageFor('2', '0'));
    await using running = spawnOnTerminal(['subscribe', '--url', line.url, ...CHANNEL_2, '--last', '5']);
    await running.waitFor(/subscribed[\s\S]*"messageId":"0"[\s\S]*● connected/);
    line.cut();
    for (const id of ['1', '2']) await publish(broker.url, messageFor('2', id));
    line.mend();
    await running.waitFor(/connected again, 2 recovered[\s\S]*3 received · recovered 2 · p pause/);
    running.stdin.write('s');
    await running.waitFor(/recovered\s+2 notifications\s+lost\s+nothing/);
  });

  it('is coloured, but not with NO_COLOR or --no-color', async () => {
    await using broker = await startTestBroker();
    const green = '\u001b[32m● connected';
    await using coloured = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2], { NO_COLOR: undefined });
    await coloured.waitFor(/● connected/);
    expect(coloured.stdout).toContain(green);
    for (const [args, env] of [
      [[], { NO_COLOR: '1' }],
      [['--no-color'], { NO_COLOR: undefined }],
    ] as const) {
      await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2, ...args], env);
      await running.waitFor(/● connected/);
      expect(running.stdout).not.toContain(green);
    }
  });

  it('reads no keys and shows no status line with --no-input', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['subscribe', '--url', broker.url, ...CHANNEL_2, '--count', '1', '--no-input']);
    await running.waitFor(/subscribed/);
    running.stdin.write('q');
    await publish(broker.url, messageFor('2', 'the fence'));
    const { code, stdout } = await running.exit;
    expect(code).toBe(0);
    expect(stdout).toContain('the fence');
    expect(stdout).not.toContain('● connected');
  });
});
