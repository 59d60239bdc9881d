// @vitest-environment happy-dom
import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import { useNotifications, useWebSocket, WebSocketProvider } from '../../../src/client/react.js';
import { ALL, ON, publishWithKey, tokenOf } from '../../server/access/support.js';
import { startTestBroker } from '../../support/broker.js';
import { patiently } from '../../support/patiently.js';
import { notice, TOPIC } from '../../support/peers.js';
import { startFakeBroker } from '../fake-broker.js';
import { refuseComplaints } from './complaints.js';
import { QUICK } from './quick.js';
import { listening, mount, recordingWebSocket } from './support.js';

refuseComplaints();

/** A token that ends in so many ms. */
function tokenFor(ms: number): Promise<string> {
  return tokenOf({ subscribe: ALL }, { exp: (Date.now() + ms) / 1000 });
}

function Ear({ onNotification }: Pick<ReturnType<typeof listening>, 'onNotification'>) {
  useNotifications(TOPIC, { onNotification });
  return useWebSocket().state.kind;
}

describe('a token that is a function', () => {
  it('is asked for a fresh one when the broker refuses the last, and nothing is missed (R-4.1, R-7.2)', async () => {
    await using broker = await startTestBroker({ ...ON, authClockToleranceMs: 0 });
    const { WebSocket, sockets } = recordingWebSocket();
    const { heard, onNotification } = listening();
    const asked: boolean[] = [];
    const token = async ({ isRefused }: { readonly isRefused: boolean }) => {
      asked.push(isRefused);
      return tokenFor(isRefused ? 3_600_000 : 1000);
    };
    using page = mount(
      createElement(WebSocketProvider, { ...QUICK, WebSocket, url: broker.url, token }, createElement(Ear, { onNotification })),
    );
    await patiently(() => broker.stats().registry.topics === 1, 'the subscription');
    let sent = 0;
    while (sockets.length < 2) {
      await publishWithKey(broker, notice(++sent));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await publishWithKey(broker, notice(++sent));
    await patiently(() => heard.length >= sent && page.text === 'open', 'all notifications');
    expect(heard).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
    expect(asked).toEqual([false, true]);
  });

  it('is that of the latest rendering, and a new one connects nothing anew', async () => {
    await using broker = await startFakeBroker();
    const shown = (name: string) => createElement(Light, { url: broker.url, options: { ...QUICK, token: () => name } });
    using page = mount(shown('first'));
    await patiently(() => page.text === 'open', 'the open connection');
    page.show(shown('second'));
    expect([page.text, broker.peers.length]).toEqual(['open', 1]);
    (await broker.peer(0)).socket.close(4401);
    await patiently(() => broker.peers.length === 2 && page.text === 'open', 'the second connection');
    expect(broker.peers.map(({ offered }) => offered.at(-1)?.trim())).toEqual(['wsn.token.first', 'wsn.token.second']);
  });

  it('fails as an attempt to connect does, and is asked again', async () => {
    await using broker = await startTestBroker({ ...ON });
    let asked = 0;
    const reasons: unknown[] = [];
    const token = () => {
      if (++asked === 1) throw new Error('not logged in yet');
      return tokenFor(3_600_000);
    };
    const onState = (because: unknown) => reasons.push(because);
    using page = mount(createElement(Light, { url: broker.url, options: { ...QUICK, token }, onState }));
    await patiently(() => page.text === 'open', 'the open connection');
    expect(reasons.filter((because) => because !== undefined)).toEqual([expect.stringContaining('not logged in yet')]);
  });
});

interface LightProps {
  readonly url: string;
  readonly options: Parameters<typeof useWebSocket>[1];
  readonly onState?: (because: unknown) => void;
}

function Light({ url, options, onState }: LightProps) {
  const { state } = useWebSocket(url, options);
  onState?.(state.kind === 'waiting' ? state.because : undefined);
  return state.kind;
}
