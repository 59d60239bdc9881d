import { type ReactElement, useEffect, useState } from 'react';
import type { ClientState } from 'wsn/client';
import { tryNow } from './try-now.js';

/** Whether what is shown is live: a light, and words for it. */
export function ConnectionLight({ state }: { readonly state: ClientState }): ReactElement {
  return (
    <div className="light" data-state={state.kind}>
      <span className="lamp" aria-hidden="true" />
      <span role="status">{inWords(state)}</span>
      {state.kind === 'waiting' && <Countdown until={state.retryAt} />}
      {state.kind === 'waiting' && (
        <button type="button" className="quiet" onClick={tryNow}>
          Try now
        </button>
      )}
    </div>
  );
}

function inWords(state: ClientState): string {
  switch (state.kind) {
    case 'connecting':
      return 'Connecting…';
    case 'open':
      return state.dialect === 'base' ? 'Live, without recovery' : 'Live';
    case 'waiting':
      return 'Offline';
    case 'closed':
      return `Closed${state.reason === '' ? '' : `: ${state.reason}`}`;
  }
}

/** Beside the status, not in it: nobody wants to have each second read out. */
function Countdown({ until }: { readonly until: number }): ReactElement {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return <span className="countdown">· next try in {Math.max(0, Math.ceil((until - now) / 1000))} s</span>;
}
