import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { browserWake } from 'wsn/client';
import { WebSocketProvider } from 'wsn/react';
import { type Channel, getBrokerUrl, getChannels } from './api.js';
import { Messaging } from './messaging.js';
import { byHand } from './try-now.js';

const WAKE = [browserWake(), byHand];

type Start = { readonly brokerUrl: string; readonly channels: readonly Channel[] };

/** Asks the API where the broker is and which channels there are, then shows them. */
export function App(): ReactElement {
  const [start, setStart] = useState<Start>();
  const [problem, setProblem] = useState<string>();
  const load = useCallback(() => {
    setProblem(undefined);
    Promise.all([getBrokerUrl(), getChannels()]).then(
      ([brokerUrl, channels]) => setStart({ brokerUrl, channels }),
      (error: Error) => setProblem(error.message),
    );
  }, []);
  useEffect(load, [load]);
  if (start) {
    return (
      <WebSocketProvider url={start.brokerUrl} wake={WAKE}>
        <Messaging channels={start.channels} />
      </WebSocketProvider>
    );
  }
  return (
    <main className="start">
      <p role="status">{problem ?? 'Loading…'}</p>
      {problem !== undefined && (
        <button type="button" onClick={load}>
          Try again
        </button>
      )}
    </main>
  );
}
