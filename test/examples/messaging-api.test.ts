import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { childrenOf } from '../support/child-processes.js';
import { EXTENSIONS, type Example, type StoredMessage, startExample } from '../support/example.js';
import { describeWithPhp } from '../support/php.js';

/** Longer than anything takes that is not stuck. */
const LATER = { timeout: 15_000 };

describeWithPhp('the API of the messaging example', () => tests(), EXTENSIONS);

function tests(): void {
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

  /** A page of some origin that hears all of channels 2, 3 and 5; without one, something that is no page. */
  const connect = (origin?: string) => new WebSocket(`ws://127.0.0.1:${example.brokerPort}`, ['wsn.v1'], origin ? { origin } : {});
  async function subscribe() {
    const socket = connect();
    const notifications: { readonly data: StoredMessage }[] = [];
    const isSubscribed = new Promise<void>((resolve) => {
      socket.on('message', (text) => {
        const heard = JSON.parse(String(text));
        if ('subscribed' in heard) resolve();
        if ('notification' in heard) notifications.push(heard.notification);
      });
    });
    await once(socket, 'open');
    const subscriptions = [{ package: 'amaiia_msg_srv', page: 'messages', filters: { values: { channel: ['2', '3', '5'] } } }];
    socket.send(JSON.stringify({ sender: 'client', id: '1', subscriptions }));
    await isSubscribed;
    return { notifications, [Symbol.dispose]: () => socket.terminate() };
  }

  it('lists channels', async () => {
    const { body } = await get('/api/channels');
    expect(body.channels).toContainEqual({ channelId: '2', name: 'General' });
  });

  it('stores a message, tells the broker, and answers with what the subscribers get', async () => {
    using subscriber = await subscribe();
    const { status, body } = await example.post(message);
    expect([status, body.isPublished]).toEqual([201, true]);
    await expect.poll(() => subscriber.notifications, LATER).toHaveLength(1);
    expect(subscriber.notifications[0]).toMatchObject({ filters: { values: '5' }, data: body.message, message: 'New message' });
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

  it('publishes once what the broker has taken and not answered', async () => {
    using subscriber = await subscribe();
    const [broker = 0] = [...childrenOf(example.running.pid)].find(([, line]) => /wsn\.js/.test(line)) ?? [];
    const published = example.running.stdout.split('worker: published').length;
    process.kill(broker, 'SIGSTOP');
    try {
      expect(await example.post({ ...message, text: 'no answer' })).toMatchObject({ status: 201, body: { isPublished: false } });
    } finally {
      process.kill(broker, 'SIGCONT');
    }
    await example.running.waitFor(new RegExp(`(worker: published[^]*){${published}}`));
    await example.post({ ...message, text: 'fence' });
    const heard = () => subscriber.notifications.map(({ data }) => data.text);
    await expect.poll(heard, LATER).toContain('fence');
    expect(heard()).toEqual(['no answer', 'fence']);
  });

  it('lets its own page alone hear the broker, and answers to no other name', async () => {
    for (const origin of [example.url, example.url.replace('127.0.0.1', 'localhost')]) {
      const socket = connect(origin);
      await once(socket, 'open');
      socket.terminate();
    }
    const stranger = connect('http://127.0.0.1:1');
    const [error] = await once(stranger, 'error');
    expect(String(error)).toContain('403');
    const answer = async (host: string) => {
      const [response] = (await once(request(example.url, { headers: { host } }).end(), 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    const { host, port } = new URL(example.url);
    expect([await answer(host), await answer(`localhost:${port}`)]).toEqual([200, 200]);
    for (const other of ['evil.example', `127.0.0.1.evil.example:${port}`, `localhost@evil.example`, `[::1]:${port}`])
      expect(await answer(other)).toBe(421);
  });

  it.each([
    ['/channelId', 422, { channelId: '2 OR 1' }],
    ['/channelId', 422, { channelId: 2 }],
    ['/author', 422, { author: ' ' }],
    ['/author', 422, { author: 'x'.repeat(41) }],
    ['/author', 422, { author: 'An\nna' }],
    ['/author', 422, { author: 'An\u2028na' }],
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

  it('takes a name whose characters are joined', async () => {
    const author = 'The 👨‍👩‍👧 of می‌خواهم';
    expect(await example.post({ ...message, author })).toMatchObject({ status: 201, body: { message: { author }, isPublished: true } });
  });

  it('takes text as long as the schema allows', async () => {
    expect(await example.post({ ...message, text: '😀'.repeat(2000) })).toMatchObject({ status: 201, body: { isPublished: true } });
  });

  it('refuses what is no message at all', async () => {
    expect((await send('{"channelId"')).status).toBe(422);
    expect((await send('"text"')).status).toBe(422);
    const long = await send(JSON.stringify({ ...message, more: 'x'.repeat(20_000) }));
    expect([long.status, await long.json()]).toEqual([413, { status: 413, detail: 'expected at most 16384 bytes, found more than that' }]);
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
}
