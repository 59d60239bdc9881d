import { randomBytes } from 'node:crypto';
import { OPCODE } from '../../peer/index.js';
import type { LineClient } from '../client/line-client.js';
import type { Scene } from './scene.js';
import { StepFailure } from './step-failure.js';

/**
 * Sends a ping and waits for its pong: what the client sent before is in force then.
 * @throws StepFailure when there is none in time.
 */
export async function awaitPong(scene: Scene, line: LineClient): Promise<void> {
  const payload = `ready ${randomBytes(6).toString('hex')}`;
  line.frame({ opcode: OPCODE.ping, payload });
  const pong = await line.until(
    () => line.inbox.frames.find(({ frame }) => frame.opcode === OPCODE.pong && frame.payload.toString('latin1') === payload),
    scene.stepTimeoutMs,
  );
  if (pong) {
    pong.isClaimed = true;
    return;
  }
  const end = line.end ?? line.closeFrame;
  const why = end ? `the connection was closed with ${end.code} ${end.reason}`.trimEnd() : `none came within ${scene.stepTimeoutMs} ms`;
  throw new StepFailure(`${line.name} waits for the pong of its ping: ${why}`, { rule: 'R-2.8' });
}
