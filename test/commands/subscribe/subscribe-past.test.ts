import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../../support/broker.js';
import { runWsn } from '../../support/wsn.js';
import { messageFor, publish } from '../publish.js';
import { refusingBroker } from './other-servers.js';
import { CHANNELS, messageIds, subscribe } from './subscribing.js';

/** A broker with messages `1` to `count` for channel 2, each followed by one that nobody here wants. */
async function brokerWith(count: number, options: Parameters<typeof startTestBroker>[0] = {}) {
  const broker = await startTestBroker(options);
  for (let id = 1; id <= count; id++) {
    await publish(broker.url, messageFor('2', `${id}`));
    await publish(broker.url, messageFor('7', 'unwanted'));
  }
  return broker;
}

describe('wsn subscribe looks back', () => {
  it('with --last over the last that its filters match, and goes on with what is live (R-5.4)', async () => {
    await using broker = await brokerWith(4);
    await using running = subscribe(broker.url, ...CHANNELS, '--last', '2', '--count', '3');
    await running.waitFor(/"messageId":"4"/);
    await publish(broker.url, messageFor('3', 'live'));
    const { code, stdout, stderr } = await running.exit;
    expect([code, messageIds(stdout)]).toEqual([0, ['3', '4', 'live']]);
    expect(stderr).toMatch(/^subscribed to .*\n$/);
  });

  it('with --from-start over all that is kept, and says nothing where that is all there was', async () => {
    await using broker = await brokerWith(3);
    const { code, stdout, stderr } = await runWsn(['subscribe', '--url', broker.url, ...CHANNELS, '--from-start', '--count', '3']);
    expect([code, messageIds(stdout)]).toEqual([0, ['1', '2', '3']]);
    expect(stderr).toMatch(/^subscribed to .*\n$/);
  });

  it('says with --from-start where the start is not kept any more', async () => {
    await using broker = await brokerWith(4, { historyNotifications: 4 });
    const { stdout, stderr } = await runWsn(['subscribe', '--url', broker.url, ...CHANNELS, '--from-start', '--count', '2']);
    expect(messageIds(stdout)).toEqual(['3', '4']);
    expect(stderr).toMatch(
      /\nthe start of amaiia_msg_srv\/messages is not kept any more, or too far back: the last 2 notifications follow\n$/,
    );
  });

  it('and finds with --expect what had come before it was there', async () => {
    await using broker = await brokerWith(3);
    const expectation = ['--last', '10', '--expect', 'data.messageId=2', '--timeout', '10s'];
    const { code, stdout } = await runWsn(['subscribe', '--url', broker.url, ...CHANNELS, ...expectation]);
    expect([code, messageIds(stdout)]).toEqual([0, ['2']]);
  });

  it.each([['--last', '3'], ['--from-start']])('and says that a broker of the base protocol cannot (%s)', async (...options) => {
    await using broker = await refusingBroker(1000, '');
    const { stderr } = await runWsn(['subscribe', '--url', broker.url, ...CHANNELS, ...options]);
    expect(stderr).toContain('\nthe broker cannot rewind: only what is published from now on comes\n');
  });

  it.each([
    [['--last', '3', '--from-start'], "option '--last <number>' cannot be used with option '--from-start'"],
    [['--last', '0'], "option '--last <number>' argument '0' is invalid. Expected a whole number from 1 to 1000."],
    [['--last', '1001'], "option '--last <number>' argument '1001' is invalid. Expected a whole number from 1 to 1000."],
  ])('but not with %j, exit 2', async (options, message) => {
    await expect(runWsn(['subscribe', ...CHANNELS, ...options])).resolves.toMatchObject({ code: 2, stderr: `wsn: ${message}\n` });
  });
});
