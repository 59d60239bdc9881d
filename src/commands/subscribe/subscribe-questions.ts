import { InvalidArgumentError } from 'commander';
import { membersOf, type Subscription } from '../../protocol/index.js';
import { UsageError } from '../exit/usage-error.js';
import { type FilterOption, filterTexts, parseFilter, parseValues } from '../options/filter-option.js';
import { subscriptionFrom } from './subscribe-options.js';

/** What was answered, as typed. */
interface Answers {
  readonly package: string;
  readonly page: string;
  readonly channel: string;
  readonly filter: string;
}

const CHANNEL = 'values.channel=';

/**
 * Asks on the terminal what to subscribe to.
 * @param current its parts are the suggested answers.
 * @param signal aborting takes the question back.
 * @returns `undefined` when the question was left with Ctrl-C, or taken back.
 */
export async function askSubscription(current: Subscription | undefined, signal: AbortSignal): Promise<Subscription | undefined> {
  const { default: inquirer } = await import('inquirer');
  const filters = filterTexts(membersOf(current?.filters));
  const channel = filters.find((text) => text.startsWith(CHANNEL))?.slice(CHANNEL.length) ?? '';
  const others = filters.filter((text) => !text.startsWith(CHANNEL)).join(' ');
  const asked = inquirer.prompt<Answers>([
    { type: 'input', name: 'package', message: 'Package:', ...suggestion(current?.package), validate: isName },
    { type: 'input', name: 'page', message: 'Page:', default: current?.page ?? 'messages', validate: isName },
    {
      type: 'input',
      name: 'channel',
      message: `Channels, such as 2,3 (${howToOmit('all', channel)}):`,
      ...suggestion(channel),
      validate: isReadBy(parseValues),
    },
    {
      type: 'input',
      name: 'filter',
      message: `Other filters, such as values.oee values.line=4 (${howToOmit('none', others)}):`,
      ...suggestion(others),
      validate: isReadBy(readFilters),
    },
  ]);
  const takeBack = () => asked.ui.close();
  signal.addEventListener('abort', takeBack, { once: true });
  try {
    return read(await asked);
  } catch (error) {
    if (error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError')) return undefined;
    throw error;
  } finally {
    signal.removeEventListener('abort', takeBack);
  }
}

function read(answers: Answers): Subscription {
  return subscriptionFrom({
    package: answers.package.trim(),
    page: answers.page.trim(),
    channel: parseValues(answers.channel),
    filter: readFilters(answers.filter),
  });
}

/** An empty answer takes what is suggested, so that a suggestion has to be taken away first. */
function howToOmit(meaning: string, suggested: string): string {
  return suggested === '' ? `empty: ${meaning}` : `Backspace: ${meaning}`;
}

function suggestion(text: string | undefined): { default?: string } {
  return text ? { default: text } : {};
}

function isName(answer: string): true | string {
  return answer.trim() !== '' || 'A name is needed.';
}

/** An answer is taken when it can be read; else what is wrong with it is said. */
function isReadBy(read: (answer: string) => unknown): (answer: string) => true | string {
  return (answer) => {
    try {
      read(answer);
      return true;
    } catch (error) {
      if (error instanceof UsageError || error instanceof InvalidArgumentError) return error.message;
      throw error;
    }
  };
}

/** Filters with spaces between them, checked together: they can exclude each other. */
function readFilters(answer: string): readonly FilterOption[] {
  const filter = answer
    .split(/\s+/)
    .filter((part) => part !== '')
    .map(parseFilter);
  subscriptionFrom({ package: 'any', page: 'any', filter });
  return filter;
}
