import { useCallback, useEffect, useRef, useState } from 'react';

/** After a failure it is tried again by itself after so long, in ms, and each time after twice that. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export interface Loading {
  /** It has succeeded. */
  readonly isLoaded: boolean;
  /** Why it has failed the last time. */
  readonly problem: string | undefined;
  /** Loads now, once more. */
  load(): void;
}

interface Outcome {
  readonly ask: () => Promise<unknown>;
  readonly isLoaded: boolean;
  readonly problem?: string;
  /** How often in a row it has failed. */
  readonly failures: number;
}

/**
 * Loads when it is mounted, at each `load()`, and again until it succeeds.
 * @param ask what loads; another function is something else, and is asked at once.
 */
export function useLoading(ask: () => Promise<unknown>): Loading {
  const latest = useRef(ask);
  const [known, setKnown] = useState<Outcome>({ ask, isLoaded: false, failures: 0 });
  const outcome = known.ask === ask ? known : { ask, isLoaded: false, failures: 0 };

  const load = useCallback(() => {
    // What is not wanted any more says nothing.
    const settle = (next: (failures: number) => Omit<Outcome, 'ask'>) => {
      if (latest.current === ask) setKnown((before) => ({ ask, ...next(before.ask === ask ? before.failures : 0) }));
    };
    ask().then(
      () => settle(() => ({ isLoaded: true, failures: 0 })),
      ({ message }: Error) => settle((failures) => ({ isLoaded: false, problem: message, failures: failures + 1 })),
    );
  }, [ask]);
  useEffect(() => {
    latest.current = ask;
    load();
  }, [ask, load]);

  useEffect(() => {
    if (outcome.failures === 0) return;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (outcome.failures - 1));
    // Not all pages at the same time.
    const timer = setTimeout(load, wait * (0.5 + Math.random() / 2));
    return () => clearTimeout(timer);
  }, [outcome.failures, load]);
  return { isLoaded: outcome.isLoaded, problem: outcome.problem, load };
}
