import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Example, type StoredMessage, startExample } from '../support/example.js';
import { describeWithPhp } from '../support/php.js';

describeWithPhp('the API of the messaging example', () => {
  let example: Example;
  beforeAll(async () => {
    example = await startExample();
  });
  afterAll(() => example?.[Symbol.asyncDispose]());

  const message = { channelId: '5', author: 'Anna', text: 'Nouveau message reçu' };
  async function get(path: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const response = await fetch(`${example.url}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  const send = (body: string, headers: Record<string, string> = { 'Content-Type': 'application/json' }) =>
    fetch(`${example.url}/api/messages`, { method: 'POST', headers, body });

  it('lists channels', async () => {
    const { body } = await get('/api/channels');
    expect(body.channels).toContainEqual({ channelId: '2', name: 'General' });
  });

  it('stores a message, tells the broker, and answers with what the subscribers get', async () => {
    const socket = new (await import('ws')).WebSocket(`ws://127.0.0.1:${example.brokerPort}`, ['wsn.v1']);
    const said: Record<string, unknown>[] = [];
    const isSubscribed = new Promise<void>((resolve) => {
      socket.on('message', (text) => {
        const heard = JSON.parse(String(text)) as Record<string, unknown>;
        if ('subscribed' in heard) resolve();
        said.push(heard);
      });
    });
    socket.on('open', () => {
      const subscriptions = [{ package: 'amaiia_msg_srv', page: 'messages', filters: { values: { channel: ['2', '3', '5'] } } }];
      socket.send(JSON.stringify({ sender: 'client', id: '1', subscriptions }));
    });
    await isSubscribed;
    const { status, body } = await example.post(message);
    expect([status, body.isPublished]).toEqual([201, true]);
    await expect.poll(() => said.filter((heard) => 'notification' in heard), { timeout: 15_000 }).toHaveLength(1);
    expect(said.at(-1)).toMatchObject({ notification: { filters: { values: '5' }, data: body.message, message: 'New message' } });
    socket.terminate();
  });

  it('stores a message that is sent twice once', async () => {
    const draft = { ...message, text: 'twice', clientId: 'the-same-twice' };
    const first = await example.post(draft);
    expect(await example.post(draft)).toEqual({ ...first, status: 200 });
    const { body } = await get('/api/channels/5/messages');
    expect((body.messages as StoredMessage[]).filter(({ text }) => text === 'twice')).toEqual([first.body.message]);
    expect(await example.post({ ...draft, text: 'another' })).toMatchObject({ status: 409, body: { pointer: '/clientId' } });
  });

  it('goes on behind a message, a hundred at a time', async () => {
    const { body } = await example.post({ ...message, channelId: '7', text: 'first' });
    const { messageId } = body.message as StoredMessage;
    for (let count = 1; count <= 101; count++) await example.post({ ...message, channelId: '7', text: `number ${count}` });
    const next = await get(`/api/channels/7/messages?after=${messageId}`);
    const texts = (next.body.messages as StoredMessage[]).map(({ text }) => text);
    expect([texts.length, texts[0], texts[99], next.body.isMore]).toEqual([100, 'number 1', 'number 100', true]);
    const newest = await get('/api/channels/7/messages');
    expect((newest.body.messages as StoredMessage[]).at(-1)?.text).toBe('number 101');
    expect(newest.body).toMatchObject({ isMore: false, messages: { length: 100 } });
  });

  it('publishes what the broker could not take once that is back, once', async () => {
    await example.killBroker();
    const draft = { ...message, text: 'while it was dead', clientId: 'while-it-was-dead' };
    expect(await example.post(draft)).toMatchObject({ status: 201, body: { isPublished: false } });
    expect(await example.post(draft)).toMatchObject({ status: 200, body: { isPublished: false } });
    await example.startBroker();
    await example.running.waitFor(/worker: published 1 that had waited for the broker/);
    expect(await example.post(draft)).toMatchObject({ status: 200, body: { isPublished: true } });
  });

  it.each([
    ['/channelId', 422, { channelId: '2 OR 1' }],
    ['/channelId', 422, { channelId: 2 }],
    ['/author', 422, { author: ' ' }],
    ['/author', 422, { author: 'x'.repeat(41) }],
    ['/author', 422, { author: 'An\nna' }],
    ['/text', 422, { text: '\n' }],
    ['/text', 422, { text: 'é'.repeat(2001) }],
    ['/text', 422, { text: ['a list'] }],
    ['/clientId', 422, { clientId: "'; DROP TABLE messages; --" }],
    [undefined, 404, { channelId: '99' }],
  ])('refuses a message for its %s with %i', async (pointer, status, wrong) => {
    const { status: answered, body } = await example.post({ ...message, ...wrong });
    expect([answered, body.pointer]).toEqual([status, pointer]);
    expect(body.detail).toMatch(/^(expected |there is no channel 99)/);
  });

  it('takes text as long as the schema allows', async () => {
    expect(await example.post({ ...message, text: '😀'.repeat(2000) })).toMatchObject({ status: 201, body: { isPublished: true } });
  });

  it('refuses what is no message at all', async () => {
    expect((await send('{"channelId"')).status).toBe(422);
    expect((await send('"text"')).status).toBe(422);
    expect((await send(JSON.stringify({ ...message, more: 'x'.repeat(20_000) }))).status).toBe(413);
    expect((await send(JSON.stringify(message), { 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await fetch(`${example.url}/api/messages`)).headers.get('allow')).toBe('POST');
    expect((await get('/api/channels/2/messages?after=x')).status).toBe(422);
    expect((await get('/api/channels/2/messages?after[]=1')).status).toBe(422);
    for (const path of ['/start.mjs', '/..%2fmessages.sqlite', '/api/nothing', '/index.php'])
      expect((await fetch(`${example.url}${path}`)).status).toBe(404);
  });

  it('lets a page load and run nothing but its own', async () => {
    const { headers } = await fetch(example.url);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${example.brokerPort};`);
  });
});
