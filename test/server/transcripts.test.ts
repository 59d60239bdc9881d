import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closePayload, type FrameSpec, OPCODE, writeFrame } from '../../src/peer/index.js';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { nextData, notice, publication, publish, subscriber, subscriptionsText, TOPIC } from '../support/peers.js';
import { openRaw, type Raw } from '../support/raw.js';

/** The answer to every handshake with the key of RFC 6455 section 1.3, byte for byte: no extension, no subprotocol. */
const ANSWER = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  '',
  '',
].join('\r\n');

const CLOSE_1000 = Buffer.from([0x88, 2, 0x03, 0xe8]).toString('latin1');
const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

/** A request's head as its client wrote it, with the line ends of HTTP. */
function head(name: string): Buffer {
  const text = readFileSync(new URL(`transcripts/${name}.txt`, import.meta.url), 'utf8');
  return Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'));
}

function frame(spec: FrameSpec): Buffer {
  return writeFrame({ mask: MASK, ...spec });
}

/** A notification as a publisher's one frame, masked with the key of RFC 6455 section 5.7. */
function published(data: string): Buffer {
  return frame({ opcode: OPCODE.text, payload: publication(notice(data)) });
}

/** Opens a connection and sends the head and what follows it in one segment. */
async function speak(broker: Broker, name: string, ...frames: readonly Buffer[]): Promise<Raw> {
  const raw = await openRaw(broker);
  raw.write(Buffer.concat([head(name), ...frames]));
  return raw;
}

describe('a publisher in PHP', () => {
  it.each(['php-publisher', 'php-publisher-by-name'])(
    'that sends handshake, frame and FIN in one segment is served: %s (R-2.10)',
    async (name) => {
      await using broker = await startTestBroker();
      await using reader = await subscriber(broker);
      await using raw = await openRaw(broker);
      raw.socket.end(Buffer.concat([head(name), published('one segment')]));
      expect(await raw.closed).toBe('fin');
      expect(raw.text).toBe(ANSWER + CLOSE_1000);
      expect(await nextData(reader)).toBe('one segment');
      await expect.poll(() => broker.stats().peers).toBe(1);
    },
  );

  it('that sends its own close frame and FIN at once too is served (R-2.10)', async () => {
    await using broker = await startTestBroker();
    await using reader = await subscriber(broker);
    await using raw = await openRaw(broker);
    const close = frame({ opcode: OPCODE.close, payload: closePayload(1000) });
    raw.socket.end(Buffer.concat([head('php-publisher'), published('in a hurry'), close]));
    await raw.closed;
    expect(raw.text).toBe(ANSWER + CLOSE_1000);
    expect(await nextData(reader)).toBe('in a hurry');
  });

  it('that never answers the close is let go (R-2.10)', async () => {
    await using broker = await startTestBroker({ closeTimeoutMs: 50 });
    await using reader = await subscriber(broker);
    await using raw = await speak(broker, 'php-publisher', published('mute'));
    await raw.closed;
    expect(raw.text).toBe(ANSWER + CLOSE_1000);
    expect(await nextData(reader)).toBe('mute');
    await expect.poll(() => broker.stats().peers).toBe(1);
  });

  it('that cuts its message in fragments, with a ping between two of them, is served (R-2.1)', async () => {
    await using broker = await startTestBroker();
    await using reader = await subscriber(broker);
    const text = Buffer.from(publication(notice('pièces')));
    // In the midst of a character.
    const cut = text.indexOf('è') + 1;
    await using raw = await speak(
      broker,
      'php-publisher',
      frame({ opcode: OPCODE.text, fin: false, payload: text.subarray(0, cut) }),
      frame({ opcode: OPCODE.ping, payload: 'alive?' }),
      frame({ opcode: OPCODE.continuation, fin: false, payload: text.subarray(cut, cut + 1) }),
      frame({ opcode: OPCODE.continuation, fin: false }),
      frame({ opcode: OPCODE.continuation, payload: text.subarray(cut + 1) }),
    );
    await raw.waitFor(new RegExp(`${CLOSE_1000}$`));
    expect(raw.text).toBe(`${ANSWER}\x8a\x06alive?${CLOSE_1000}`);
    expect(await nextData(reader)).toBe('pièces');
  });

  it('whose bytes come one in a segment is served (R-2.1)', async () => {
    await using broker = await startTestBroker();
    await using raw = await openRaw(broker);
    for (const byte of Buffer.concat([head('php-publisher'), published('slowly')])) {
      raw.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await raw.waitFor(new RegExp(`${CLOSE_1000}$`));
    expect(broker.stats().published).toBe(1);
  });
});

describe('a peer that offers a subprotocol that the broker does not know', () => {
  it('gets none selected and is served as a base peer (R-5.1)', async () => {
    await using broker = await startTestBroker();
    await using raw = await speak(broker, 'foreign-subprotocol', published('foreign'));
    await raw.waitFor(new RegExp(`${CLOSE_1000}$`));
    expect(raw.text).toBe(ANSWER + CLOSE_1000);
  });
});

describe('an app', () => {
  it.each([
    ['in Chrome', 'chrome'],
    ['in Firefox', 'firefox'],
    ['in Safari', 'safari'],
    ['with React Native on Android, whose Origin is made of the host', 'react-native-android'],
    ['with React Native on iOS, whose Origin is made of the host', 'react-native-ios'],
  ])('%s may subscribe; permessage-deflate is declined, publishing is not allowed (R-7.1)', async (_, name) => {
    await using broker = await startTestBroker();
    await using raw = await speak(broker, name, frame({ opcode: OPCODE.text, payload: subscriptionsText([TOPIC]) }));
    await expect.poll(() => broker.stats().registry.memberships).toBe(1);
    await publish(broker, notice('hello'));
    const delivery = `{"sender":"server","notification":${JSON.stringify(notice('hello'))}}`;
    await raw.waitFor(/"hello"\}\}$/);
    expect(raw.text).toBe(ANSWER + String.fromCharCode(0x81, delivery.length) + delivery);
    raw.write(published('forged'));
    await raw.waitFor(/--allow-publish/);
    const close = raw.text.slice(ANSWER.length + 2 + delivery.length);
    expect([...close.slice(0, 4)].map((character) => character.charCodeAt(0))).toEqual([0x88, expect.any(Number), 4403 >> 8, 4403 & 0xff]);
    expect(broker.stats().published).toBe(1);
  });
});
