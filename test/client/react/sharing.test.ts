// @vitest-environment happy-dom
import { createElement, Fragment } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { useNotifications, useWebSocket, WebSocketProvider } from '../../../src/client/react.js';
import type { Json } from '../../../src/protocol/index.js';
import { startTestBroker } from '../../support/broker.js';
import { patiently } from '../../support/patiently.js';
import { notice, publish } from '../../support/peers.js';
import { refuseComplaints } from './complaints.js';
import { QUICK } from './quick.js';
import { channels, mount, recordingWebSocket, strictly } from './support.js';

refuseComplaints();

const COUNT = 100;

/** Shows what it has heard of its own channel. */
function Channel({ name }: { readonly name: string }) {
  const { isOpen } = useWebSocket();
  const heard = useNotifications(channels(name), {
    initial: [] as readonly (Json | undefined)[],
    reduce: (list, { notification }) => [...list, notification.data],
  });
  return `${isOpen ? name : '?'}:${heard.join()} `;
}

/** So many channels on one connection. */
function screen(options: Parameters<typeof useWebSocket>[1], url: string, names: readonly string[]) {
  const shown = names.map((name) => createElement(Channel, { key: name, name }));
  return createElement(WebSocketProvider, { ...options, url }, createElement(Fragment, null, shown));
}

describe('a hundred components', () => {
  it('have one connection, and one message of subscriptions for all that change at once; each hears its own', async () => {
    await using broker = await startTestBroker();
    const { WebSocket, sockets } = recordingWebSocket();
    const names = (from: number) => Array.from({ length: COUNT }, (_, index) => `${from + index}`);
    const wanted = () => sockets.map((texts) => texts.map((text) => JSON.parse(text).subscriptions.length));
    using page = mount(strictly(screen({ ...QUICK, WebSocket }, broker.url, names(0))));
    await patiently(() => page.text.startsWith('0: ') && broker.stats().registry.topics === 1, 'the subscriptions');
    expect(wanted()).toEqual([[COUNT]]);
    await publish(broker, notice('to two', { values: ['7', '8'] }));
    await publish(broker, notice('to one', { values: '99' }));
    await patiently(() => page.text.includes('99:to one'), 'the last notification');
    expect(page.text).toContain('6: 7:to two 8:to two 9: ');
    page.show(strictly(screen({ ...QUICK, WebSocket }, broker.url, names(50))));
    await patiently(() => wanted()[0]?.length === 2, 'the change');
    expect(wanted()).toEqual([[COUNT, COUNT]]);
    await publish(broker, notice('to a new one', { values: '149' }));
    await patiently(() => page.text.includes('149:to a new one'), 'the notification after the change');
    expect(page.text).toContain('99:to one 100: ');
  });
});

describe('the end of the last component', () => {
  it('leaves no connection, no subscription, no timer and no listener', async () => {
    await using broker = await startTestBroker();
    const listeners = countListeners();
    const page = mount(strictly(screen(QUICK, broker.url, ['1', '2'])));
    await patiently(() => page.text === '1: 2: ' && broker.stats().registry.topics === 1, 'the subscriptions');
    expect(listeners.count).toBeGreaterThan(0);
    page.unmount();
    await patiently(() => broker.stats().peers === 0, 'the end of the connection');
    expect(broker.stats().registry.topics).toBe(0);
    expect(listeners.count).toBe(0);
    await patiently(() => resources().length === 0, 'the end of all timers and sockets');
  });

  it('leaves nothing of a connection that was waiting for its broker', async () => {
    const broker = await startTestBroker();
    await broker.close();
    const listeners = countListeners();
    const page = mount(createElement(Waiting, { url: broker.url }));
    await patiently(() => page.text === 'waiting', 'the wait');
    expect(resources()).toContain('Timeout');
    expect(listeners.count).toBeGreaterThan(0);
    page.unmount();
    await patiently(() => resources().length === 0, 'the end of all timers and sockets');
    expect(listeners.count).toBe(0);
  });
});

function Waiting({ url }: { readonly url: string }) {
  return useWebSocket(url, { ...QUICK, backoff: { initialMs: 3_600_000, maxMs: 3_600_000 } }).state.kind;
}

/** The timers and sockets that keep this process alive. */
function resources(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'TCPSocketWrap');
}

/** How many listeners of `browserWake` have been added to the page, and not removed. */
function countListeners(): { readonly count: number } {
  const { window, document } = globalThis as unknown as { readonly window: Listening; readonly document: Listening };
  const calls = (name: keyof Listening) => {
    const spies = [window, document].map((target) => vi.spyOn(target, name));
    return () => spies.flatMap((spy) => spy.mock.calls).filter(([type]) => WAKES.includes(type)).length;
  };
  const added = calls('addEventListener');
  const removed = calls('removeEventListener');
  return {
    get count() {
      return added() - removed();
    },
  };
}

interface Listening {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

const WAKES = ['online', 'offline', 'pageshow', 'visibilitychange'];
