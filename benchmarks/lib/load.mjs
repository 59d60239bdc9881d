/** Digits of the number at the end of each notification, and what follows them in a delivery to a base peer: `"}}`. */
const DIGITS = 15;
const BEHIND = 3;

const TOPIC = { package: 'fan', page: 'out' };

/**
 * What subscribers of some channels send.
 * @param {readonly string[]} channels each one a subscription of its own
 */
export function subscribing(channels) {
  const subscriptions = channels.map((channel) => ({ ...TOPIC, filters: { values: { channel: [channel] } } }));
  return JSON.stringify({ sender: 'client', subscriptions });
}

/**
 * A notification with `bytes` of data whose number, which stands at its very end, is changed in place.
 * @param {string} channel
 * @param {number} bytes
 */
export function notificationFor(channel, bytes) {
  const notification = { ...TOPIC, filters: { values: channel }, data: { fill: 'x'.repeat(bytes) }, message: '0'.repeat(DIGITS) };
  const payload = Buffer.from(JSON.stringify({ sender: 'server', notification }));
  const at = payload.length - BEHIND - DIGITS;
  return {
    /** Of a message, and of its delivery to a base peer, which is the same text. */
    length: payload.length,
    /** @param {number} number whole, from 0 on; the payload is the same bytes each time. */
    numbered(number) {
      payload.latin1Write(String(number).padStart(DIGITS, '0'), at);
      return payload;
    },
  };
}

/**
 * The number of a notification that was delivered.
 * @param {Buffer} bytes
 * @param {number} end where its payload ends
 */
export function numberOf(bytes, end) {
  let number = 0;
  for (let at = end - BEHIND - DIGITS; at < end - BEHIND; at++) number = number * 10 + bytes[at] - 48;
  return number;
}
