import type { Topic } from '../../../src/protocol/index.js';

const PAGES = 'abcdefgh';

/** The topic that a number stands for. */
export function topicOf(page: number): Topic {
  return { package: 'p', page: PAGES[page] as string };
}

/** The number of a topic. */
export function pageOf({ page }: Topic): number {
  return PAGES.indexOf(page);
}
