import { flag, type Infer, integer, json, type MemberRules, optional, record, type Shape, scalar, text } from '../../document/index.js';
import { closePayload, type FrameSpec, OPCODE } from '../../peer/index.js';
import type { Json } from '../../protocol/index.js';
import { dropAbsent } from '../file/substitute.js';
import { StepFailure } from '../run/step-failure.js';

/** A scalar that no other shape says; `read` gives `undefined` for one that does not fit. */
function member<T>(about: string, expected: string, read: (value: Json) => T | undefined): Shape<T> {
  return scalar(expected, { read, schema: { description: `${about}: ${expected}`, type: ['string', 'number', 'boolean'] } });
}

const opcode = member('The opcode', `${Object.keys(OPCODE).join(', ')}, or 0 to 15`, (value) => {
  if (typeof value === 'string' && Object.hasOwn(OPCODE, value)) return OPCODE[value as keyof typeof OPCODE];
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 15 ? value : undefined;
});

/** `false`, or the key in hex. A key such as 00000000 is a number in YAML. */
const mask = member('The mask', 'true, false, or eight hex digits as the key', (value) => {
  if (typeof value === 'boolean') return value;
  const digits = String(value).padStart(8, '0');
  return value !== null && /^[0-9a-f]{8}$/i.test(digits) ? digits : undefined;
});

const length = member('The form of the length field', '7, 16 or 64', (value) =>
  value === 7 || value === 16 || value === 64 ? value : undefined,
);

/** Members of a frame, of a step or of a list. */
export const frameMembers = {
  opcode: optional(opcode),
  fin: optional(flag('Whether it is the last frame of its message; true by default')),
  rsv: optional(integer('The reserved bits, 0 to 7; 4 is RSV1', { least: 0, most: 7 })),
  mask: optional(mask),
  length: optional(length),
  payload: optional(text('The payload as text')),
  hex: optional(text('The payload in hex')),
  json: optional(json('The payload as JSON')),
  close: optional(
    record('The payload of a close frame', {
      code: optional(integer('The code', { least: 0, most: 65_535 })),
      reason: optional(text('The reason')),
    }),
  ),
} as const;

/** What says the payload: at most one of them. */
export const PAYLOADS = ['payload', 'hex', 'json', 'close'] as const;

export const frameShape = record('A frame', frameMembers, { atMostOne: [PAYLOADS] } satisfies MemberRules<(typeof PAYLOADS)[number]>);

/**
 * The frame that arguments ask for; a text frame by default, a close frame where there is a `close`.
 * @throws StepFailure for hex that is none.
 */
export function frameSpec(args: Infer<typeof frameShape>): FrameSpec {
  return {
    opcode: args.opcode ?? (args.close ? OPCODE.close : OPCODE.text),
    payload: payloadOf(args),
    fin: args.fin ?? true,
    rsv: args.rsv ?? 0,
    mask: typeof args.mask === 'string' ? Buffer.from(args.mask, 'hex') : (args.mask ?? true),
    ...(args.length === undefined ? {} : { lengthForm: args.length }),
  };
}

/** @throws StepFailure for what is no hex. */
export function fromHex(hex: string): Buffer {
  const digits = hex.replace(/\s/g, '');
  if (/^(?:[0-9a-f]{2})*$/i.test(digits)) return Buffer.from(digits, 'hex');
  throw new StepFailure(`expected pairs of hex digits, found ${JSON.stringify(hex.slice(0, 60))}`, { pointer: '/hex' });
}

function payloadOf({ payload, hex, json: value, close }: Infer<typeof frameShape>): Buffer | string {
  if (payload !== undefined) return payload;
  if (hex !== undefined) return fromHex(hex);
  if (close !== undefined) return closePayload(close.code, close.reason);
  return value === undefined ? '' : JSON.stringify(dropAbsent(value as Json));
}
