/** The part of it that is used here; it brings no types. */
declare module 'react-test-renderer' {
  import type { ReactElement } from 'react';

  export function create(element: ReactElement): {
    toJSON(): unknown;
    unmount(): void;
  };
}
