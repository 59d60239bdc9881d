import type { SubscribedTopic } from '../../protocol/index.js';
import type { Way } from '../broker/way.js';
import type { Screen } from './screen.js';
import { namesOf } from './topic-names.js';

/** Says once of each topic that the peer's grants may keep back some of what it asked for. */
export class NarrowingNotes {
  readonly #screen: Screen;
  readonly #grantor: string;
  /** Topics of which it was said. */
  readonly #told = new Set<string>();

  constructor(screen: Screen, { brings }: Way) {
    this.#screen = screen;
    this.#grantor =
      brings === 'token'
        ? 'your token narrows'
        : brings === 'key'
          ? 'your API key narrows'
          : 'the broker, for those without a token, narrows';
  }

  /** @param topics as the broker answered. */
  subscribed(topics: readonly SubscribedTopic[]): void {
    const news = topics.filter((topic) => topic.narrowed && !this.#told.has(JSON.stringify([topic.package, topic.page])));
    if (news.length === 0) return;
    for (const topic of news) this.#told.add(JSON.stringify([topic.package, topic.page]));
    this.#screen.notice(`${this.#grantor} ${namesOf(news)}: what it does not grant does not come`);
  }
}
