// A worker: subscribers that never read, and a fresh one for each that the broker drops.
import { OPCODE, writeFrame } from '../../dist/src/peer/index.js';
import { dial } from '../lib/dial.mjs';
import { subscribing } from '../lib/load.mjs';
import { serveCalls } from '../lib/worker.mjs';

/** A socket that is not read learns by writing alone that its other end is gone. */
const PROBE_MS = 100;

const lines = new Set();
let dropped = 0;
let probe;

serveCalls({ attach, detach });

async function attach({ port, readers, channel }) {
  dropped = 0;
  for (let index = 0; index < readers; index++) await add(port, channel);
  probe = setInterval(() => {
    for (const { socket } of lines) socket.write(writeFrame({ opcode: OPCODE.pong }));
  }, PROBE_MS);
}

/** @returns how many the broker has dropped since `attach`. */
function detach() {
  clearInterval(probe);
  const leaving = [...lines];
  lines.clear();
  for (const { socket } of leaving) socket.destroy();
  return dropped;
}

async function add(port, channel) {
  const line = await dial({
    port,
    onClose() {
      if (!lines.delete(line)) return;
      dropped++;
      void add(port, channel);
    },
  });
  line.send(subscribing([channel]));
  await line.barrier();
  line.socket.pause();
  lines.add(line);
}
