// Clients that subscribe, in a process of their own, so that they can vanish at once.
import { OPCODE, writeFrame } from '../../dist/src/peer/index.js';
import { dial } from '../lib/dial.mjs';
import { subscribing } from '../lib/load.mjs';
import { serveCalls } from '../lib/worker.mjs';

const AT_ONCE = 50;
const PER_CHANNEL = 100;
const CLOSE = writeFrame({ opcode: OPCODE.close, payload: Uint8Array.of(0x03, 0xe8) });

/** They stay for as long as the process does, and answer pings. */
const lines = [];

serveCalls({
  /** Opens `count` connections with one subscription each, 100 of them to a channel; all are in force when it resolves. */
  async open({ port, count }) {
    await inTurns(count, async (number) => lines.push(await subscribed(port, Math.floor(number / PER_CHANNEL))));
  },

  /** Opens, subscribes and closes `count` connections. Resolves with the seconds that took. */
  async comeAndGo({ port, count }) {
    const start = performance.now();
    await inTurns(count, async (number) => {
      let closed = () => {};
      const gone = new Promise((resolve) => {
        closed = resolve;
      });
      const line = await dial({ port, onClose: closed });
      line.send(subscribing([String(number % PER_CHANNEL)]));
      line.socket.write(CLOSE);
      await gone;
    });
    return (performance.now() - start) / 1_000;
  },
});

async function subscribed(port, channel) {
  const line = await dial({ port });
  line.send(subscribing([String(channel)]));
  await line.barrier();
  return line;
}

async function inTurns(count, act) {
  let next = 0;
  const one = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}
