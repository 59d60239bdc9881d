import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { subscriber } from '../support/peers.js';
import { describeWithPhp } from '../support/php.js';
import { httpServer, type Listening, listen, nobody, problem, receipt } from '../support/php-hostile.js';
import { CALL, callNotifier, runNotifier } from '../support/php-notifier.js';

const TOPIC = { package: 'p', page: 'q' };

/** Patient enough for a machine with much else to do. */
const RETRIES = "['retries' => 2, 'timeout' => 20]";

/**
 * A line to a broker that passes on what PHP sends, and breaks when the answer to one of the first `cuts` connections comes.
 * @param untilAnswers of the broker; a handshake is one
 */
function cutting(port: number, cuts: number, untilAnswers = 1): Promise<Listening> {
  return listen((socket, index) => {
    const broker = connect(port, '127.0.0.1');
    for (const line of [socket, broker]) line.on('error', () => {});
    socket.pipe(broker);
    let answers = 0;
    broker.on('data', (chunk) => {
      if (index < cuts && ++answers >= untilAnswers) socket.destroy();
      else socket.write(chunk);
    });
    broker.on('end', () => socket.end());
    socket.on('close', () => broker.destroy());
  });
}

describeWithPhp(
  'a Notifier in PHP that tries again',
  (php) => {
    it('publishes once over a line that breaks before the answers (R-5.8)', async () => {
      await using broker = await startTestBroker();
      await using peer = await subscriber(broker, [TOPIC]);
      await using line = await cutting(broker.port, 2);
      const [first, second] = await runNotifier(php, { url: `http://127.0.0.1:${line.port}`, options: RETRIES, calls: [CALL, CALL] });
      expect([first?.receipt?.duplicate, first?.receipt?.position.offset]).toEqual([true, 1]);
      expect([second?.receipt?.duplicate, second?.receipt?.position.offset]).toEqual([false, 2]);
      await peer.barrier();
      expect(peer.inbox).toHaveLength(2);
    });

    it('has two processes publish once what has the same key (R-5.8)', async () => {
      await using broker = await startTestBroker();
      const url = `http://127.0.0.1:${broker.port}`;
      const calls = ["$notifier->notify(['package' => 'p', 'page' => 'q'], 'message-17')"];
      const outcomes = await Promise.all([1, 2].map(() => callNotifier(php, { url, calls })));
      expect(outcomes.map(({ receipt: found }) => found?.duplicate).sort()).toEqual([false, true]);
      expect(outcomes.map(({ receipt: found }) => found?.position.offset)).toEqual([1, 1]);
      const other = ["$notifier->notify(['package' => 'p', 'page' => 'q', 'message' => 'another'], 'message-17')"];
      expect(await callNotifier(php, { url, calls: other })).toMatchObject({ outcome: 'refused', code: 422 });
    });

    it.each([500, 502, 503, 429, 408])('tries again after HTTP %i, with the same key', async (status) => {
      await using server = await httpServer((response, index) => (index < 2 ? problem(response, status) : receipt(response)));
      expect(await callNotifier(php, { url: server.url, options: RETRIES })).toMatchObject({ receipt: { matched: 0 } });
      expect(server.posted).toHaveLength(3);
      expect(new Set(server.posted.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    });

    it.each([400, 401, 403, 413, 415, 422])('does not try again after HTTP %i', async (status) => {
      await using server = await httpServer((response) => problem(response, status));
      expect(await callNotifier(php, { url: server.url, options: RETRIES })).toMatchObject({ outcome: 'refused', code: status });
      expect(server.posted).toHaveLength(1);
    });

    it('waits as long as the broker asks for', async () => {
      const times: number[] = [];
      await using server = await httpServer((response) => {
        if (times.push(performance.now()) === 1) problem(response, 503, { retryAfter: '1' });
        else receipt(response);
      });
      expect(await callNotifier(php, { url: server.url, options: RETRIES })).toMatchObject({ receipt: { matched: 0 } });
      const [refused = 0, taken = 0] = times;
      expect(taken - refused).toBeGreaterThan(990);
    });

    it.each([429, 503])('throws at once when it is asked to wait for longer than there is time: HTTP %i', async (status) => {
      await using server = await httpServer((response) => problem(response, status, { retryAfter: '60' }));
      const found = await callNotifier(php, { url: server.url, options: RETRIES });
      expect(found).toMatchObject({ outcome: 'not sent', code: status, retryAfter: 60 });
      expect(server.posted).toHaveLength(1);
    });

    it('leaves time for another try when the first is not answered', async () => {
      await using server = await httpServer((response, index) => {
        if (index > 0) receipt(response);
      });
      const options = "['retries' => 1, 'timeout' => 8]";
      expect(await callNotifier(php, { url: server.url, options })).toMatchObject({ receipt: { matched: 0 } });
      expect(new Set(server.posted.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    });

    it('leaves a slow broker half of the time for its answer, however many retries there are', async () => {
      await using server = await httpServer((response) => void setTimeout(() => receipt(response), 1500));
      const options = "['retries' => 10, 'timeout' => 10]";
      expect(await callNotifier(php, { url: server.url, options })).toMatchObject({ receipt: { matched: 0 } });
      expect(server.posted).toHaveLength(1);
    });

    it('is over when its time is, and says what was found first and last', async () => {
      await using server = await httpServer((response, index) => {
        if (index === 0) response.socket?.destroy();
        else problem(response, 403, { detail: 'no' });
      });
      const found = await callNotifier(php, { url: server.url, options: RETRIES });
      // The first may have been published: that the second was refused does not undo it.
      expect(found).toMatchObject({ outcome: 'uncertain', code: 403 });
      expect(found.message).toMatch(/^no answer from …: .*, then … answered with HTTP 403: no \(.*\); the notification may have been/);
    });

    it('has given up when all tries are used', async () => {
      await using server = await httpServer((response) => problem(response, 503));
      expect(await callNotifier(php, { url: server.url, options: RETRIES })).toMatchObject({ outcome: 'not sent', code: 503 });
      expect(server.posted).toHaveLength(3);
    });

    it.each(['http', 'ws'])('gives up at last where nobody listens: %s', async (scheme) => {
      const found = await callNotifier(php, { url: `${scheme}://127.0.0.1:${await nobody()}`, options: "['timeout' => 2]" });
      expect(found).toMatchObject({ outcome: 'not sent', message: expect.stringContaining('is the broker running there?') });
    });

    it('connects again with a socket whose handshake was cut or refused, and publishes once', async () => {
      await using broker = await startTestBroker();
      await using peer = await subscriber(broker, [TOPIC]);
      await using line = await cutting(broker.port, 2);
      expect(await callNotifier(php, { url: `ws://127.0.0.1:${line.port}`, options: RETRIES })).toEqual({ receipt: null });
      expect(line.connections).toBe(3);
      await peer.barrier();
      expect(peer.inbox).toHaveLength(1);
    });

    it('does not send again with a socket what may have been published', async () => {
      await using broker = await startTestBroker();
      await using peer = await subscriber(broker, [TOPIC]);
      await using line = await cutting(broker.port, 1, 2);
      expect(await callNotifier(php, { url: `ws://127.0.0.1:${line.port}`, options: RETRIES })).toMatchObject({
        outcome: 'uncertain',
        code: 0,
      });
      expect(line.connections).toBe(1);
      await peer.barrier();
      expect(peer.inbox).toHaveLength(1);
    });
  },
  ['curl'],
);
