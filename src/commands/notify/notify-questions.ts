import { UsageError } from '../exit/usage-error.js';
import { type NotificationParts, notificationFrom } from './notification-text.js';
import type { Outgoing } from './outgoing.js';

/** What was answered, as typed. */
interface Answers {
  readonly package: string;
  readonly page: string;
  readonly values: string;
  readonly data: string;
  readonly message: string;
}

/**
 * Asks on the terminal what to publish. The questions go to stderr, because stdout is for receipts.
 * @param known suggested answers.
 * @returns `undefined` when the questions were left with Ctrl-C.
 */
export async function askNotification(known: Partial<NotificationParts>): Promise<Outgoing | undefined> {
  const { createPromptModule } = await import('inquirer');
  const prompt = createPromptModule({ output: process.stderr });
  try {
    const answers = await prompt<Answers>([
      { type: 'input', name: 'package', message: 'Package:', ...suggestion(known.package), validate: isName },
      { type: 'input', name: 'page', message: 'Page:', default: known.page ?? 'messages', validate: isName },
      {
        type: 'input',
        name: 'values',
        message: 'Values to filter by, such as 2 or 2,3 (empty: none):',
        ...suggestion(known.values),
        validate: (values: string) => isFit({ values }),
      },
      {
        type: 'input',
        name: 'data',
        message: 'Data, in JSON (empty: none):',
        ...suggestion(known.data),
        validate: (data: string) => isFit({ data }),
      },
      { type: 'input', name: 'message', message: 'Message (empty: none):', ...suggestion(known.message) },
    ]);
    return notificationFrom({ package: answers.package, page: answers.page, ...given(answers) });
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return undefined;
    throw error;
  }
}

/** The optional answers that are not empty. */
function given({ values, data, message }: Partial<Answers>): Partial<NotificationParts> {
  return Object.fromEntries(Object.entries({ values, data, message }).filter(([, text]) => text !== undefined && text.trim() !== ''));
}

function suggestion(text: string | undefined): { default?: string } {
  return text ? { default: text } : {};
}

function isName(answer: string): true | string {
  return answer.trim() !== '' || 'A name is needed.';
}

function isFit(answer: Partial<Answers>): true | string {
  try {
    notificationFrom({ package: 'any', page: 'any', ...given(answer) });
    return true;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}
