// @vitest-environment happy-dom
import * as React from 'react';
import { Component, createElement, type ReactNode } from 'react';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Delivery } from '../../../src/client/index.js';
import { type CallbackOptions, useNotifications, useWebSocket, WebSocketProvider } from '../../../src/client/react.js';
import type { Json, SubscribedTopic, Subscription } from '../../../src/protocol/index.js';
import { startTestBroker } from '../../support/broker.js';
import { patiently } from '../../support/patiently.js';
import { notice, publish, publishMany, TOPIC } from '../../support/peers.js';
import { refuseComplaints } from './complaints.js';
import { QUICK } from './quick.js';
import { channels, listening, mount, recordingWebSocket, strictly } from './support.js';

refuseComplaints();

interface EarProps extends Partial<CallbackOptions<Json | undefined>> {
  readonly wanted: Subscription | readonly Subscription[] | null;
}

/** Hears without showing anything. */
function Ear({ wanted, onNotification = () => {}, ...options }: EarProps) {
  useNotifications(wanted, { ...QUICK, ...options, onNotification });
  return null;
}

const ear = (props: EarProps) => createElement(Ear, props);

describe('useNotifications', () => {
  it('hears what it has subscribed to while it is mounted', async () => {
    await using broker = await startTestBroker();
    const { heard, onNotification } = listening();
    const inForce: (readonly SubscribedTopic[])[] = [];
    using page = mount(ear({ wanted: channels('2'), url: broker.url, onNotification, onSubscribed: (topics) => inForce.push(topics) }));
    await patiently(() => inForce.length > 0, 'the subscription');
    expect(inForce).toEqual([[{ ...TOPIC, epoch: expect.any(String), offset: 0 }]]);
    await publish(broker, notice('not for it', { values: '3' }));
    await publish(broker, notice('for it', { values: '2' }));
    await patiently(() => heard.length > 0, 'the notification');
    expect(heard).toEqual(['for it']);
    page.unmount();
    await patiently(() => broker.stats().peers === 0, 'the end of the connection');
    expect(broker.stats().registry.topics).toBe(0);
  });

  it('follows other subscriptions on the same connection, and sends equal ones no more', async () => {
    await using broker = await startTestBroker();
    const { WebSocket, sockets } = recordingWebSocket();
    const { heard, onNotification } = listening();
    let changes = 0;
    const shown = (...names: string[]) =>
      ear({ wanted: [channels(...names)], url: broker.url, ...QUICK, WebSocket, onNotification, onSubscribed: () => changes++ });
    using page = mount(shown('2'));
    await patiently(() => changes === 1, 'the first subscription');
    page.show(shown('2'));
    page.show(shown('3'));
    page.show(shown('3'));
    await patiently(() => changes === 2, 'the second subscription');
    await publish(broker, notice('before', { values: '2' }));
    await publish(broker, notice('after', { values: '3' }));
    await patiently(() => heard.length > 0, 'the notification');
    expect(heard).toEqual(['after']);
    expect(sockets.map((texts) => texts.map((text) => JSON.parse(text).subscriptions))).toEqual([[[channels('2')], [channels('3')]]]);
  });

  it('has a rewind once, and nothing of it again when its subscriptions change (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await publishMany(broker, 2, { values: '2' });
    const { heard, onNotification } = listening();
    let changes = 0;
    const shown = (...names: string[]) => {
      const wanted = names.map((name) => ({ ...channels(name), rewind: 10 }));
      return ear({ wanted, url: broker.url, onNotification, onSubscribed: () => changes++ });
    };
    using page = mount(shown('2'));
    await patiently(() => heard.length === 2, 'the history');
    page.show(shown('2', '3'));
    await patiently(() => changes === 2, 'the change');
    await publish(broker, notice('fence', { values: '3' }));
    await patiently(() => heard.includes('fence'), 'the fence');
    expect(heard).toEqual([1, 2, 'fence']);
  });

  it('wants nothing with null, opens no connection for that, and goes on afterwards', async () => {
    await using broker = await startTestBroker();
    const { heard, onNotification } = listening();
    const shown = (wanted: Subscription | null) => ear({ wanted, url: broker.url, onNotification });
    using page = mount(shown(null));
    page.show(shown(TOPIC));
    await patiently(() => broker.stats().registry.topics === 1, 'the subscription');
    page.show(shown(null));
    await patiently(() => broker.stats().peers === 0, 'the end of the connection');
    page.show(shown(TOPIC));
    await patiently(() => broker.stats().registry.topics === 1, 'the subscription again');
    await publish(broker, notice('again'));
    await patiently(() => heard.length > 0, 'the notification');
  });

  it('calls the functions of the latest rendering, and sends nothing for new ones', async () => {
    await using broker = await startTestBroker();
    const { WebSocket, sockets } = recordingWebSocket();
    const heard: string[] = [];
    let changes = 0;
    const shown = (name: string) =>
      ear({
        wanted: TOPIC,
        url: broker.url,
        ...QUICK,
        WebSocket,
        onNotification: ({ notification }) => heard.push(`${name} ${notification.data}`),
        onSubscribed: () => changes++,
      });
    using page = mount(shown('first'));
    await patiently(() => changes === 1, 'the subscription');
    await publish(broker, notice(1));
    await patiently(() => heard.length === 1, 'the first notification');
    page.show(shown('second'));
    await publish(broker, notice(2));
    await patiently(() => heard.length === 2, 'the second notification');
    expect(heard).toEqual(['first 1', 'second 2']);
    expect(sockets.map((texts) => texts.length)).toEqual([1]);
  });

  it('is under the provider, or at another url beside it', async () => {
    await using broker = await startTestBroker();
    await using other = await startTestBroker();
    const here = listening();
    const there = listening();
    using _ = mount(
      createElement(
        WebSocketProvider,
        { ...QUICK, url: broker.url },
        ear({ wanted: TOPIC, onNotification: here.onNotification }),
        ear({ wanted: TOPIC, url: other.url, onNotification: there.onNotification }),
      ),
    );
    await patiently(() => broker.stats().registry.topics + other.stats().registry.topics === 2, 'both subscriptions');
    await publish(broker, notice('here'));
    await publish(other, notice('there'));
    await patiently(() => here.heard.length + there.heard.length === 2, 'both notifications');
    expect([here.heard, there.heard]).toEqual([['here'], ['there']]);
  });

  it('tells a refusal to the component that is at fault, and to no other (R-5.9)', async () => {
    await using broker = await startTestBroker();
    const { heard, onNotification } = listening();
    const refused: unknown[] = [];
    const other: unknown[] = [];
    const problems: unknown[] = [];
    using page = mount(
      createElement(
        WebSocketProvider,
        { ...QUICK, url: broker.url, onProblem: (error) => problems.push(error) },
        ear({ wanted: TOPIC, onNotification, onRefused: (error) => other.push(error) }),
        ear({ wanted: { package: 'p', page: '' }, onRefused: (error) => refused.push(error) }),
        createElement(Guard, null, ear({ wanted: { package: '', page: 'p' } })),
      ),
    );
    await patiently(() => refused.length > 0 && problems.length > 0, 'the refusals');
    expect(refused).toMatchObject([{ code: 'invalid-subscription', path: expect.stringMatching(/page$/) }]);
    expect(problems).toMatchObject([{ code: 'invalid-subscription', path: expect.stringMatching(/package$/) }]);
    await patiently(() => broker.stats().registry.topics === 1, 'the good subscription');
    await publish(broker, notice('good'));
    await patiently(() => heard.length > 0, 'the notification');
    expect(other).toEqual([]);
    expect(page.text).toBe('');
  });

  it('tells the others, too, what one callback throws at, and no error boundary', async () => {
    await using broker = await startTestBroker();
    using rejections = expectRejections();
    const { heard, onNotification } = listening();
    const fails = ({ notification }: Delivery) => {
      throw new Error(`cannot take ${notification.data}`);
    };
    const provided = createElement(
      WebSocketProvider,
      { ...QUICK, url: broker.url },
      ear({ wanted: TOPIC, onNotification: fails }),
      ear({ wanted: TOPIC, onNotification }),
      createElement(Sum, { fails: true }),
    );
    using page = mount(createElement(Guard, null, provided));
    await patiently(() => broker.stats().registry.topics === 1, 'the subscription');
    await publish(broker, notice(1));
    await publish(broker, notice(2));
    await patiently(() => heard.length === 2 && rejections.found.length === 4, 'the notifications and the rejections');
    expect(rejections.found.map(String).sort()).toEqual(['1', '2'].flatMap((data) => Array(2).fill(`Error: cannot take ${data}`)));
    expect(page.text).toBe('0');
  });

  it('misses nothing while the line is broken, and is told so (R-5.4)', async () => {
    await using broker = await startTestBroker();
    const { heard, onNotification } = listening();
    const told: string[] = [];
    const onReset = () => told.push('reset');
    const onRecovered = (topics: readonly SubscribedTopic[]) => told.push(`recovered ${topics.map(({ replayed }) => replayed)}`);
    const line = breakableLine();
    const options = { ...QUICK, WebSocket: line.WebSocket };
    using _ = mount(ear({ wanted: TOPIC, url: broker.url, ...options, onNotification, onReset, onRecovered }));
    await patiently(() => broker.stats().registry.topics === 1, 'the subscription');
    await publish(broker, notice(1));
    await patiently(() => heard.length === 1, 'the first notification');
    line.breakOff();
    await patiently(() => broker.stats().peers === 0, 'the broken line');
    await publish(broker, notice(2));
    line.mend();
    await patiently(() => heard.length === 2, 'what was missed');
    await publish(broker, notice(3));
    await patiently(() => heard.length === 3, 'what came after');
    expect(heard).toEqual([1, 2, 3]);
    expect(told).toEqual(['recovered 1']);
  });
});

describe('useNotifications with reduce', () => {
  it('returns the value, to which each notification is applied once, also in strict mode', async () => {
    await using broker = await startTestBroker();
    let calls = 0;
    using page = mount(strictly(createElement(Sum, { url: broker.url, onCall: () => calls++ })));
    expect(page.text).toBe('0');
    await patiently(() => broker.stats().registry.topics === 1, 'the subscription');
    await publishMany(broker, 4);
    await patiently(() => page.text === '10', 'the sum');
    expect(calls).toBe(4);
  });

  it('begins at the initial value with other subscriptions, and with the same ones after nothing was wanted', async () => {
    await using broker = await startTestBroker();
    for (const [page, data] of [
      ['two', 1],
      ['two', 5],
      ['three', 3],
    ] as const)
      await publish(broker, { package: 'sums', page, data });
    const shown = (page: string | null, initial: number) =>
      createElement(Sum, { url: broker.url, wanted: page === null ? null : { package: 'sums', page, rewind: 10 }, initial });
    using page = mount(shown('two', 0));
    await patiently(() => page.text === '6', 'the first sum, of the history');
    page.show(shown('three', 100));
    expect(page.text).toBe('100');
    await patiently(() => page.text === '103', 'the second sum');
    page.show(shown(null, 7));
    expect(page.text).toBe('7');
    await patiently(() => broker.stats().peers === 0, 'the end of the connection');
    page.show(shown('three', 100));
    expect(page.text).toBe('100');
    await patiently(() => page.text === '103', 'the second sum again');
  });

  it('begins with the initial value of the rendering before the first notification', async () => {
    await using broker = await startTestBroker();
    using page = mount(createElement(Sum, { url: broker.url, initial: 1 }));
    await patiently(() => broker.stats().registry.topics === 1, 'the subscription');
    page.show(createElement(Sum, { url: broker.url, initial: 20 }));
    expect(page.text).toBe('20');
    await publishMany(broker, 2);
    await patiently(() => page.text === '23', 'the sum');
    page.show(createElement(Sum, { url: broker.url, initial: 300 }));
    expect(page.text).toBe('23');
  });

  it('keeps a value for each component of one connection', async () => {
    await using broker = await startTestBroker();
    const sums = ['2', '3'].map((name) => createElement(Sum, { key: name, wanted: channels(name) }));
    using page = mount(createElement(WebSocketProvider, { ...QUICK, url: broker.url }, ...sums, createElement(State)));
    await patiently(() => page.text === '00open' && broker.stats().registry.topics === 1, 'the subscriptions');
    await publishMany(broker, 3, { values: '2' });
    await publishMany(broker, 1, { values: '3' });
    await patiently(() => page.text === '61open', 'both sums');
  });
});

const { Activity } = React as { readonly Activity?: typeof React.Activity }; // React 18 has none

(Activity ? describe : () => {})('in an <Activity>', () => {
  it('useNotifications hears nothing while it is hidden, and begins anew when it is shown again', async () => {
    await using broker = await startTestBroker();
    const children = createElement(Sum, { url: broker.url });
    const shown = (mode: 'visible' | 'hidden') => createElement(Activity ?? 'div', { mode, children });
    using page = mount(shown('visible'));
    await patiently(() => broker.stats().registry.topics === 1, 'the subscription');
    await publishMany(broker, 2);
    await patiently(() => page.text === '3', 'the first sum');
    page.show(shown('hidden'));
    await patiently(() => broker.stats().peers === 0, 'the end of the connection');
    page.show(shown('visible'));
    await patiently(() => page.text === '0' && broker.stats().registry.topics === 1, 'the subscription again');
    await publishMany(broker, 1);
    await patiently(() => page.text === '1', 'the second sum');
  });
});

interface SumProps {
  readonly url?: string;
  readonly wanted?: Subscription | null;
  readonly initial?: number;
  readonly fails?: boolean;
  readonly onCall?: () => void;
}

/** Shows the sum of the data that came. */
function Sum({ url, wanted = TOPIC, initial = 0, fails = false, onCall }: SumProps) {
  return useNotifications(wanted, {
    ...QUICK,
    ...(url === undefined ? {} : { url }),
    initial,
    reduce(sum, { notification }) {
      onCall?.();
      if (fails) throw new Error(`cannot take ${notification.data}`);
      return sum + Number(notification.data);
    },
  });
}

function State() {
  return useWebSocket().state.kind;
}

/** Shows that something below it has thrown. */
class Guard extends Component<{ readonly children?: ReactNode }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? 'failed' : this.props.children;
  }
}

/** A WebSocket whose connections can be cut, and that cannot be opened until the line is mended. */
function breakableLine() {
  const open = new Set<WebSocket>();
  let isBroken = false;
  class Breakable extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      open.add(this);
      if (isBroken) this.terminate();
    }
  }
  return {
    WebSocket: Breakable,
    breakOff() {
      isBroken = true;
      for (const socket of open) socket.terminate();
    },
    mend() {
      isBroken = false;
    },
  };
}

/** Collects unhandled rejections instead of failing for them. */
function expectRejections(): Disposable & { readonly found: readonly unknown[] } {
  const found: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => found.push(error));
  return {
    found,
    [Symbol.dispose]() {
      process.removeAllListeners('unhandledRejection');
      for (const other of others) process.on('unhandledRejection', other);
    },
  };
}
