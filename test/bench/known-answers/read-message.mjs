/** A channel of a load: a subscriber to it and a notification for it have the same key. */
function channelKey({ package: name, page }, channel) {
  return JSON.stringify([name, page, channel]);
}

/** The keys of what a subscriber asks for. */
export function wantedKeys(subscriptions) {
  return subscriptions.flatMap((subscription) =>
    [subscription.filters?.values?.channel ?? []].flat().map((channel) => channelKey(subscription, String(channel))),
  );
}

/** A notification as it is relayed: its text as it came, its channel's key, and its number in the load if it is part of one. */
export function readNotification(value, text) {
  const channel = String(value.filters?.values?.channel);
  const index = /^\d+/.exec(value.data?.index ?? '')?.[0];
  return { text, channel: Number(channel), key: channelKey(value, channel), index: index === undefined ? undefined : Number(index) };
}

/** The text of a message's `notification`, byte for byte. */
export function notificationText(message) {
  const start = message.indexOf('{', message.indexOf('"notification":'));
  let depth = 0;
  let isInString = false;
  for (let at = start; at < message.length; at++) {
    const character = message[at];
    if (character === '\\') at++;
    else if (character === '"') isInString = !isInString;
    else if (!isInString && character === '{') depth++;
    else if (!isInString && character === '}' && --depth === 0) return message.slice(start, at + 1);
  }
  throw new Error(`no notification in ${message}`);
}
