import type { Topic } from '../../protocol/index.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';
import type { SelectionOptions } from '../log.js';
import type { LoggedNotification } from './log-contents.js';

/** Which notifications are wanted, and whether there was such a topic at all. */
export class Selection {
  readonly #options: SelectionOptions;
  #isKnown = false;

  constructor(options: SelectionOptions) {
    this.#options = options;
  }

  /** A topic is in the log. */
  see(topic: Topic): void {
    this.#isKnown ||= this.#hasTopic(topic);
  }

  has({ topic, position }: LoggedNotification): boolean {
    return position.offset >= (this.#options.from ?? 0) && this.#hasTopic(topic);
  }

  /** @throws CommandFailure when the log has no such topic. */
  assertKnown(): void {
    const { package: packageName, page } = this.#options;
    if (this.#isKnown || (packageName === undefined && page === undefined)) return;
    const wanted = [packageName && `package "${packageName}"`, page && `page "${page}"`].filter(Boolean).join(' and ');
    throw new CommandFailure(`the log has no topic with ${wanted}: see wsn log topics`, EXIT.failed);
  }

  #hasTopic(topic: Topic): boolean {
    const { package: packageName = topic.package, page = topic.page } = this.#options;
    return topic.package === packageName && topic.page === page;
  }
}
