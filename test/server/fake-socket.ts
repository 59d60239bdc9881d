import { FrameParser } from '../../src/peer/index.js';
import type { OutboxSocket, RawSocket } from '../../src/server/outbox.js';

/** The raw socket below a peer, whose kernel takes everything at once or nothing until it is told to. */
export class FakeSocket implements OutboxSocket, RawSocket {
  isOpen = true;
  readonly ends = undefined;
  readonly raw = this;
  /** While it takes nothing, whatever is written stays in `writableLength`. */
  takesNothing = false;
  writableLength = 0;
  /** What was handed to `write`, each as it came. */
  readonly written: Buffer[] = [];

  get writable(): boolean {
    return this.isOpen;
  }

  write(bytes: Uint8Array): void {
    this.written.push(bytes as Buffer);
    if (this.takesNothing) this.writableLength += bytes.length;
  }

  /** The kernel takes so many of the bytes that wait; all by default. */
  take(bytes = this.writableLength): void {
    this.writableLength -= Math.min(bytes, this.writableLength);
  }

  /** The text messages in all that was written. */
  get messages(): string[] {
    return messagesIn(this.written);
  }
}

/** The text messages in a stream of bytes that holds whole, unmasked text frames and nothing else. */
export function messagesIn(chunks: readonly Buffer[]): string[] {
  const messages: string[] = [];
  const parser = new FrameParser(({ fin, rsv, opcode, masked, payload }) => {
    if (!fin || rsv !== 0 || opcode !== 1 || masked) throw new Error(`not a whole unmasked text frame: opcode ${opcode}`);
    messages.push(payload.toString());
  });
  for (const chunk of chunks) {
    const before = messages.length;
    parser.push(chunk);
    // Each write holds whole frames: were the last one cut, the parser would have kept it to itself.
    const taken = messages.slice(before).reduce((sum, message) => sum + frameLength(Buffer.byteLength(message)), 0);
    if (taken !== chunk.length) throw new Error(`a write of ${chunk.length} bytes holds whole frames for ${taken} of them`);
  }
  return messages;
}

function frameLength(payload: number): number {
  if (payload < 126) return payload + 2;
  return payload + (payload < 65_536 ? 4 : 10);
}
