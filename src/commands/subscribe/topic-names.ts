import type { Topic } from '../../protocol/index.js';
import { escapeText } from '../terminal/escape-text.js';
import { counted } from './status-line.js';

/** Topics that a line names before it only counts the others. */
const NAMED = 3;

/** Topics for a line: `p/messages, p/machines and 2 other topics`. */
export function namesOf(topics: readonly Topic[]): string {
  const names = [...new Set(topics.map((topic) => escapeText(`${topic.package}/${topic.page}`)))];
  const others = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${others > 0 ? ` and ${counted(others, 'other topic')}` : ''}`;
}
