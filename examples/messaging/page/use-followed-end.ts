import { type RefObject, useEffect, useRef, useState } from 'react';

/** So near to the end, in px, somebody who has scrolled is at it. */
const NEAR_PX = 40;

export interface FollowedEnd {
  /** For what scrolls: a reversed column, in which the browser itself keeps the end in sight, until somebody scrolls back. */
  readonly frame: RefObject<HTMLElement | null>;
  /** The last entry that was in sight. */
  readonly seen: number;
  toEnd(): void;
}

/**
 * Knows how much of a list has been in sight.
 * @param last the number of its last entry.
 * @param isOwn whether that is the reader's own, who wants to see it wherever the list stands.
 */
export function useFollowedEnd(last: number, isOwn: boolean): FollowedEnd {
  const frame = useRef<HTMLElement>(null);
  const [seen, setSeen] = useState(last);
  // In a reversed column the end is at 0, and what is above it below 0.
  const toEnd = () => frame.current?.scrollTo({ top: 0 });

  useEffect(() => {
    const element = frame.current;
    const look = () => {
      if (element && element.scrollTop > -NEAR_PX) setSeen(last);
    };
    if (isOwn) element?.scrollTo({ top: 0 });
    look();
    element?.addEventListener('scroll', look);
    return () => element?.removeEventListener('scroll', look);
  }, [last, isOwn]);
  return { frame, seen, toEnd };
}
