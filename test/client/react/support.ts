import { render } from '@testing-library/react';
import { createElement, type ReactElement, StrictMode } from 'react';
import { WebSocket } from 'ws';
import type { Delivery } from '../../../src/client/index.js';
import type { Json, Subscription } from '../../../src/protocol/index.js';
import { TOPIC } from '../../support/peers.js';

/** What a page shows; unmounted when it is disposed of. */
export interface Mounted extends Disposable {
  readonly text: string;
  show(element: ReactElement): void;
  unmount(): void;
}

export function mount(element: ReactElement): Mounted {
  const { container, rerender, unmount } = render(element);
  const shown: { readonly textContent?: string | null } = container;
  return {
    get text() {
      return shown.textContent ?? '';
    },
    show: rerender,
    unmount,
    [Symbol.dispose]: unmount,
  };
}

export function strictly(element: ReactElement): ReactElement {
  return createElement(StrictMode, null, element);
}

/** All of `TOPIC` that is for these channels. */
export function channels(...names: readonly string[]): Subscription {
  return { ...TOPIC, filters: { values: { channel: [...names] } } };
}

/** What came, by its data, in a list that callbacks may be given. */
export function listening(): { readonly heard: (Json | undefined)[]; readonly onNotification: (delivery: Delivery) => void } {
  const heard: (Json | undefined)[] = [];
  return { heard, onNotification: ({ notification }) => heard.push(notification.data) };
}

/** A WebSocket that keeps what is sent with it: one list of texts for each that was made. */
export function recordingWebSocket() {
  const sockets: string[][] = [];
  class Recording extends WebSocket {
    readonly #texts: string[] = [];

    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      sockets.push(this.#texts);
    }

    override send(text: string): void {
      this.#texts.push(text);
      super.send(text);
    }
  }
  return { WebSocket: Recording, sockets };
}
