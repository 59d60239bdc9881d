import { expect, it } from 'vitest';
import { OPCODE, openPeer, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';

const MOST_FRAMES = 65_536;
const MESSAGE = '{"sender":"server","notification":{"package":"p","page":"q"}}';

/** A publication cut into so many frames; all behind its text are empty. */
function cut(count: number): Buffer {
  const first = writeFrame({ opcode: OPCODE.text, fin: false, payload: MESSAGE });
  const between = Array.from({ length: count - 2 }, () => writeFrame({ opcode: OPCODE.continuation, fin: false }));
  return Buffer.concat([first, ...between, writeFrame({ opcode: OPCODE.continuation })]);
}

it.each([
  [MOST_FRAMES, 1000],
  [MOST_FRAMES + 1, 1008],
])('a publication in %i frames is closed with %i (R-2.1)', async (count, code) => {
  await using broker = await startTestBroker();
  await using peer = await openPeer({ host: '127.0.0.1', port: broker.port });
  peer.bytes(cut(count));
  expect((await peer.closed).code).toBe(code);
});
