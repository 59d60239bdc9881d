/** Publishes over HTTP and waits for the receipt. @param url the broker's, `ws://…`; @param body a notification, or its JSON. */
export async function publish(url: string, body: object | string): Promise<void> {
  const answer = await fetch(`${url.replace(/^ws/, 'http')}/notify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** A notification of `amaiia_msg_srv/messages` for a channel, as the back-end sends it. */
export function messageFor(channel: string, messageId: string) {
  return {
    package: 'amaiia_msg_srv',
    page: 'messages',
    filters: { values: channel },
    data: { messageId, channelId: channel },
    message: 'Nouveau message reçu',
  };
}
