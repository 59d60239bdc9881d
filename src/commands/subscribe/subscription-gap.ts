import { type SubscribedTopic, type Topic, topicKey } from '../../protocol/index.js';
import type { Screen } from './screen.js';
import { counted } from './status-line.js';
import { namesOf } from './topic-names.js';

/** Says after each reconnection, once, whether notifications were missed, recovered or possibly lost. */
export class GapNotes {
  readonly #screen: Screen;
  /** Whether the line was lost and nothing has been said since about what that has cost. */
  #isDue = false;
  #losses = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** How often notifications may have been missed in a topic. */
  get losses(): number {
    return this.#losses;
  }

  lineLost(): void {
    this.#isDue = true;
  }

  /** A set was put in force that had been asked for: there is nothing to say about the time before. */
  subscribed(): void {
    this.#isDue = false;
  }

  /** The broker does not know, or this client cannot, what these topics had in between. */
  missed(topics: readonly Topic[]): void {
    this.#losses += new Set(topics.map(topicKey)).size;
    this.#say(`; notifications may have been missed in ${namesOf(topics)}`);
  }

  /** Of these topics all comes that was missed. */
  recovered(topics: readonly SubscribedTopic[]): void {
    const replayed = topics.reduce((sum, topic) => sum + (topic.replayed ?? 0), 0);
    if (this.#isDue) this.#say(replayed === 0 ? ', nothing was missed' : `, ${replayed} recovered`);
    else if (replayed > 0) this.#screen.notice(`${counted(replayed, 'notification')} recovered in ${namesOf(topics)}`);
  }

  #say(text: string): void {
    this.#screen.notice(this.#isDue ? `connected again${text}` : text.replace(/^; /, ''));
    this.#isDue = false;
  }
}
