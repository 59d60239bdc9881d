import { act, createElement } from 'react';
import { create } from 'react-test-renderer';
import { describe, expect, it, vi } from 'vitest';
import { appStateWake } from '../../../src/client/index.js';
import { useNotifications, useWebSocket, WebSocketProvider } from '../../../src/client/react.js';
import { startTestBroker } from '../../support/broker.js';
import { patiently } from '../../support/patiently.js';
import { notice, publish, TOPIC } from '../../support/peers.js';
import { refuseComplaints } from './complaints.js';
import { QUICK } from './quick.js';

const complaints = refuseComplaints();

/** What `AppState` of React Native does for its listeners. */
function fakeAppState() {
  const listeners = new Set<(state: string) => void>();
  return {
    listeners,
    addEventListener(_: 'change', listener: (state: string) => void) {
      listeners.add(listener);
      return { remove: () => listeners.delete(listener) };
    },
    become(state: string) {
      for (const listener of listeners) listener(state);
    },
  };
}

function Screen() {
  const { state } = useWebSocket();
  const heard = useNotifications(TOPIC, { initial: '', reduce: (text, { notification }) => `${text} ${notification.data}` });
  return `${state.kind}${heard}`;
}

describe('without a DOM, as in React Native', () => {
  it('hears, sleeps, wakes at once, and leaves nothing behind', async () => {
    expect(['document', 'window', 'addEventListener'].filter((name) => name in globalThis)).toEqual([]);
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
    const options = { reconnectJitterMs: 0 };
    const first = await startTestBroker(options);
    const appState = fakeAppState();
    const backoff = { initialMs: 3_600_000, maxMs: 3_600_000 };
    const props = { ...QUICK, backoff, url: first.url, wake: [appStateWake(appState)] };
    const screen = await act(async () => create(createElement(WebSocketProvider, props, createElement(Screen))));
    const shows = (text: string) => patiently(() => screen.toJSON() === text, `the screen with ${text}`);
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', false);
    await shows('open');
    await patiently(() => first.stats().registry.topics === 1, 'the subscription');
    await publish(first, notice('one'));
    await shows('open one');
    await first.close();
    await using second = await startTestBroker({ ...options, port: first.port });
    await patiently(() => `${screen.toJSON()}`.startsWith('waiting') || second.stats().peers === 1, 'the wait');
    appState.become('background');
    appState.become('active');
    await shows('open one');
    await patiently(() => second.stats().registry.topics === 1, 'the subscription');
    await publish(second, notice('two'));
    await shows('open one two');
    screen.unmount();
    await patiently(() => second.stats().peers === 0, 'the end of the connection');
    expect(appState.listeners.size).toBe(0);
    vi.unstubAllGlobals();
    expect(complaints()).toEqual([[expect.stringContaining('react-test-renderer is deprecated')]]);
  });
});
