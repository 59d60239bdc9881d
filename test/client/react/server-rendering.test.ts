import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { useNotifications, useWebSocket, WebSocketProvider } from '../../../src/client/react.js';
import { TOPIC } from '../../support/peers.js';
import { refuseComplaints } from './complaints.js';
import { QUICK } from './quick.js';
import { recordingWebSocket } from './support.js';

refuseComplaints();

function Page({ url }: { readonly url?: string }) {
  const { state, client } = useWebSocket(url);
  const count = useNotifications(TOPIC, { ...(url === undefined ? {} : { url }), initial: 3, reduce: (value) => value + 1 });
  return `${JSON.stringify(state)} ${client} ${count}`.replaceAll('"', '');
}

describe('on a server', () => {
  it('everything is about to connect, and no connection is opened', async () => {
    const { WebSocket, sockets } = recordingWebSocket();
    const url = 'ws://127.0.0.1:1';
    const shown = '{kind:connecting,attempt:1} undefined 3';
    expect(renderToString(createElement(Page, { url }))).toBe(shown);
    const provider = createElement(WebSocketProvider, { ...QUICK, WebSocket, url }, createElement(Page));
    expect(renderToString(provider)).toBe(shown);
    expect(sockets).toEqual([]);
  });
});
