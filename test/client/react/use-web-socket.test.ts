// @vitest-environment happy-dom
import { createElement, useEffect } from 'react';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '../../../src/client/index.js';
import { type Connection, useWebSocket, WebSocketProvider } from '../../../src/client/react.js';
import { startTestBroker } from '../../support/broker.js';
import { patiently } from '../../support/patiently.js';
import { said, subscriber, TOPIC } from '../../support/peers.js';
import { startFakeBroker } from '../fake-broker.js';
import { refuseComplaints } from './complaints.js';
import { QUICK } from './quick.js';
import { mount, recordingWebSocket, strictly } from './support.js';

const complaints = refuseComplaints();

interface LightProps {
  readonly url?: string;
  readonly options?: Parameters<typeof useWebSocket>[1];
  readonly onDraw?: (connection: Connection) => void;
}

/** Shows the state of its connection. */
function Light({ url, options = QUICK, onDraw }: LightProps) {
  const connection = useWebSocket(url, options);
  onDraw?.(connection);
  return `${connection.state.kind} `;
}

const light = (props: LightProps = {}) => createElement(Light, props);

describe('useWebSocket', () => {
  it('opens a connection when it is mounted, shows how it is, and closes it when it is unmounted', async () => {
    await using broker = await startTestBroker();
    using page = mount(light({ url: broker.url }));
    expect(page.text).toBe('connecting ');
    await patiently(() => page.text === 'open ', 'the open connection');
    expect(broker.stats().peers).toBe(1);
    page.unmount();
    await patiently(() => broker.stats().peers === 0, 'the end of the connection');
  });

  it('draws its component once for each state, and for nothing that is delivered', async () => {
    await using broker = await startTestBroker();
    const drawn: Connection[] = [];
    using page = mount(light({ url: broker.url, onDraw: (connection) => drawn.push(connection) }));
    await patiently(() => page.text === 'open ', 'the open connection');
    await drawn[0]?.publish({ ...TOPIC, data: 1 });
    await drawn[0]?.publish({ ...TOPIC, data: 2 });
    expect(drawn.map(({ state, isOpen }) => [state.kind, isOpen])).toEqual([
      ['connecting', false],
      ['open', true],
    ]);
    expect(drawn[0]?.publish).toBe(drawn[1]?.publish);
  });

  it('shares the connection of the same url, and one of another url is another', async () => {
    await using broker = await startTestBroker();
    const other = `${broker.url}/other`;
    using page = mount(createElement('p', null, light({ url: broker.url }), light({ url: broker.url }), light({ url: other })));
    await patiently(() => page.text === 'open open open ', 'the open connections');
    expect(broker.stats().peers).toBe(2);
  });

  it('keeps the connection as long as one component needs it', async () => {
    await using broker = await startTestBroker();
    const { WebSocket, sockets } = recordingWebSocket();
    const one = createElement(Light, { key: 1, url: broker.url, options: { ...QUICK, WebSocket } });
    const other = createElement(Light, { key: 2, url: broker.url, options: { ...QUICK, WebSocket } });
    using page = mount(createElement('p', null, [one]));
    await patiently(() => page.text === 'open ', 'the open connection');
    page.show(createElement('p', null, [one, other]));
    page.show(createElement('p', null, [other]));
    page.show(createElement('p', null, [one])); // in one turn
    await patiently(() => page.text === 'open ', 'the open connection');
    expect(sockets).toHaveLength(1);
    expect(broker.stats().peers).toBe(1);
  });

  it('goes to another url, and to another token that is a string, on another connection', async () => {
    await using broker = await startTestBroker();
    const { WebSocket, sockets } = recordingWebSocket();
    const options = (token: string) => ({ ...QUICK, WebSocket, token });
    using page = mount(light({ url: broker.url, options: options('a') }));
    await patiently(() => page.text === 'open ', 'the first connection');
    page.show(light({ url: `${broker.url}/other`, options: options('a') }));
    expect(page.text).toBe('connecting ');
    await patiently(() => page.text === 'open ' && broker.stats().peers === 1, 'the second connection instead');
    page.show(light({ url: `${broker.url}/other`, options: options('b') }));
    expect(page.text).toBe('connecting ');
    await patiently(() => page.text === 'open ' && broker.stats().peers === 1, 'the third connection instead');
    expect(sockets).toHaveLength(3);
  });

  it('opens one socket in strict mode, and leaves none', async () => {
    await using broker = await startTestBroker();
    const { WebSocket, sockets } = recordingWebSocket();
    using page = mount(strictly(light({ url: broker.url, options: { ...QUICK, WebSocket } })));
    await patiently(() => page.text === 'open ', 'the open connection');
    page.unmount();
    await patiently(() => broker.stats().peers === 0, 'the end of the connection');
    expect(sockets).toHaveLength(1);
  });

  it('publishes, also in an effect that comes before the connection is opened', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    const receipts: unknown[] = [];
    function Child({ publish }: Pick<Connection, 'publish'>) {
      useEffect(() => void publish({ ...TOPIC, data: 'at once' }).then((receipt) => receipts.push(receipt)), [publish]);
      return null;
    }
    function Parent() {
      return createElement(Child, { publish: useWebSocket(broker.url, QUICK).publish });
    }
    using _ = mount(createElement(Parent));
    expect(await said(peer)).toMatchObject({ notification: { data: 'at once' } });
    await patiently(() => receipts.length > 0, 'the receipt');
    expect(receipts).toMatchObject([{ matched: 1 }]);
  });

  it('publishes nothing for a component that is gone', async () => {
    await using broker = await startTestBroker();
    let connection: Connection | undefined;
    const page = mount(light({ url: broker.url, onDraw: (drawn) => (connection = drawn) }));
    await patiently(() => page.text === 'open ', 'the open connection');
    page.unmount();
    await Promise.resolve();
    expect(connection?.client).toBeUndefined();
    await expect(connection?.publish({ ...TOPIC, data: 1 })).rejects.toMatchObject({
      name: 'ClosedError',
      code: 1000,
      reason: 'no component that uses the connection is mounted',
    });
  });

  it('says what is wrong where there is neither a url nor a provider', () => {
    expect(() => mount(light())).toThrow('there is no <WebSocketProvider> above this component: put one there, or name a url');
    complaints(); // React 18 tells the console, too
  });

  it('goes from waiting to open when the broker is back (R-4.1)', async () => {
    const options = { reconnectJitterMs: 0 };
    const first = await startTestBroker(options);
    using page = mount(light({ url: first.url }));
    await patiently(() => page.text === 'open ', 'the open connection');
    await first.close();
    await patiently(() => page.text === 'waiting ', 'the wait');
    await using _ = await startTestBroker({ ...options, port: first.port });
    await patiently(() => page.text === 'open ', 'the connection after it');
    page.unmount();
  });
});

describe('WebSocketProvider', () => {
  it('gives one connection to all below it, which stays when they come and go', async () => {
    await using broker = await startTestBroker();
    const { WebSocket, sockets } = recordingWebSocket();
    const provider = (...children: ReturnType<typeof light>[]) =>
      createElement(WebSocketProvider, { ...QUICK, WebSocket, url: broker.url }, ...children);
    using page = mount(provider(light(), light()));
    await patiently(() => page.text === 'open open ', 'the open connection');
    page.show(provider());
    page.show(provider(light()));
    expect(page.text).toBe('open ');
    expect(sockets).toHaveLength(1);
    page.unmount();
    await patiently(() => broker.stats().peers === 0, 'the end of the connection');
  });

  it('has a connection of its own, also to a url that others use', async () => {
    await using broker = await startTestBroker();
    const provider = () => createElement(WebSocketProvider, { ...QUICK, url: broker.url }, light());
    using page = mount(createElement('p', null, provider(), provider(), light({ url: broker.url })));
    await patiently(() => page.text === 'open open open ', 'the open connections');
    expect(broker.stats().peers).toBe(3);
  });

  it('opens one socket in strict mode', async () => {
    await using broker = await startTestBroker();
    const { WebSocket, sockets } = recordingWebSocket();
    using page = mount(strictly(createElement(WebSocketProvider, { ...QUICK, WebSocket, url: broker.url }, light())));
    await patiently(() => page.text === 'open ', 'the open connection');
    expect(sockets).toHaveLength(1);
  });

  it('gives a client that was made elsewhere, and leaves it open', async () => {
    await using broker = await startTestBroker();
    await using client = createClient({ ...QUICK, url: broker.url, WebSocket });
    const drawn: Connection[] = [];
    const shown = light({ onDraw: (connection) => drawn.push(connection) });
    using page = mount(createElement(WebSocketProvider, { client }, shown));
    await patiently(() => page.text === 'open ', 'the open connection');
    expect(drawn[1]?.client).toBe(client);
    expect(await drawn[1]?.publish({ ...TOPIC, data: 1 })).toMatchObject({ matched: 0 });
    expect(drawn.map(({ state }) => state.kind)).toEqual(['connecting', 'open']);
    page.unmount();
    await Promise.resolve();
    expect(await client.publish({ ...TOPIC, data: 2 })).toMatchObject({ position: { offset: 2 } });
  });

  it('takes another url and another client', async () => {
    await using broker = await startTestBroker();
    await using client = createClient({ ...QUICK, url: broker.url, WebSocket });
    using page = mount(createElement(WebSocketProvider, { client }, light()));
    await patiently(() => page.text === 'open ', 'the given client');
    page.show(createElement(WebSocketProvider, { ...QUICK, url: broker.url }, light()));
    expect(page.text).toBe('connecting ');
    await patiently(() => page.text === 'open ', 'the connection of its own');
    expect(broker.stats().peers).toBe(2);
    page.unmount();
    await patiently(() => broker.stats().peers === 1, 'the end of its own');
  });

  it('tells a message that cannot be understood to its onProblem, once', async () => {
    await using broker = await startFakeBroker();
    const problems: string[] = [];
    const onProblem = ({ message }: Error) => problems.push(message);
    using page = mount(createElement(WebSocketProvider, { ...QUICK, url: broker.url, onProblem }, light(), light()));
    await patiently(() => page.text === 'open open ', 'the open connection');
    const peer = await broker.peer(0);
    peer.socket.send('[1]');
    peer.socket.send('[2]');
    await patiently(() => problems.length >= 2, 'both problems');
    expect(problems).toHaveLength(2);
  });
});
