import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { Answering } from '../../src/server/answering.js';

test('requests that wait for their answers are forgotten with their socket, also those whose turn never came', async () => {
  const answering = new Answering();
  const server = createServer((_, response) => answering.add(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  client.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(3));
  await expect.poll(() => [...answering]).toHaveLength(3);
  const [first, , third] = answering;
  expect(answering.last(third?.req.socket as never)).toBe(third);
  const answered = once(first as never, 'close');
  first?.end();
  await answered;
  expect([...answering]).toHaveLength(2);
  client.resetAndDestroy();
  await expect.poll(() => [...answering]).toHaveLength(0);
  server.close();
});
