import { Violation } from './frames.mjs';
import { broken } from './mistakes/index.mjs';

/** Checks the payload of a peer's close frame. Throws a Violation. */
export function checkClose(payload) {
  if (payload.length === 0) {
    if (broken('close-refuse-empty')) throw new Violation(1002, 'a close has no code');
    return;
  }
  if (payload.length === 1) {
    if (broken('close-accept-short')) return;
    throw new Violation(1002, 'a close code has two bytes');
  }
  const code = payload.readUInt16BE();
  if (!isAllowed(code)) throw new Violation(1002, `the close code ${code} must not be sent`);
  if (broken('close-accept-not-utf8')) return;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(2));
  } catch {
    throw new Violation(1007, 'a close reason is not UTF-8');
  }
}

function isAllowed(code) {
  if (code < 1000) return broken('close-accept-0');
  if (code === 1004) return broken('close-accept-1004');
  if (code === 1005) return broken('close-accept-1005');
  if (code === 1006) return broken('close-accept-1006');
  if (code === 1015) return broken('close-accept-1015');
  if (code < 1015) return true;
  if (code < 3000) return broken('close-accept-1016');
  return code < 5000 ? !broken('close-refuse-3000') : broken('close-accept-5000');
}

/** What the close of a peer is answered with: its own code. */
export function closePayload(payload) {
  if (broken('close-answer-empty') || payload.length < 2) return Buffer.alloc(0);
  if (broken('close-answer-1000')) return Buffer.from([0x03, 0xe8]);
  return payload.subarray(0, 2);
}
