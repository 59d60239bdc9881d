import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

const BYTES = 12;
const BY_NAME = 1;
const BY_TIME = 2;
/** The clock may be set while the machine runs; a machine that is started again has been up for longer than this. */
const TOLERANCE_MS = 60_000;

/** Tells this run of the machine from others, 12 bytes: by the kernel's name for it, else by when it began. */
export function bootIdentity(): Buffer {
  const identity = Buffer.alloc(BYTES);
  const name = readBootId();
  if (name === undefined) {
    identity.writeUInt8(BY_TIME, 0);
    identity.writeDoubleLE(Date.now() - uptime() * 1000, 1);
  } else {
    identity.writeUInt8(BY_NAME, 0);
    createHash('sha256')
      .update(name)
      .digest()
      .copy(identity, 1, 0, BYTES - 1);
  }
  return identity;
}

/** Whether two identities can be of one run of the machine. */
export function isSameBoot(a: Buffer, b: Buffer): boolean {
  if (a[0] !== BY_TIME || b[0] !== BY_TIME) return a.equals(b);
  return Math.abs(a.readDoubleLE(1) - b.readDoubleLE(1)) < TOLERANCE_MS;
}

function readBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
