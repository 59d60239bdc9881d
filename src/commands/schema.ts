import { Command } from 'commander';
import { runAction } from './exit/run-action.js';

export interface TypesOptions {
  readonly out?: string;
}

export interface TryOptions {
  readonly package: string;
  readonly page: string;
}

const EXAMPLES = `
Examples:
  wsn schema check schemas                       every file, with line and column of what is wrong
  wsn schema types schemas --out notifications.ts
  echo '{"messageId":"1"}' | wsn schema try schemas --package amaiia_msg_srv --page messages -
A schema is JSON Schema 2020-12 in <package>/<page>.json and describes the data of notifications of that topic; in the
names of folder and file, %2F and the like stand for what is no letter, digit, ".", "_" or "-". Other .json files are
there for $ref.`;

/** `wsn schema`: the schemas of data that `wsn serve --schemas` enforces. No broker is needed. */
export function schemaCommand(): Command {
  const command = new Command('schema')
    .description('Check the schemas of data, and make TypeScript of them')
    .addHelpText('after', EXAMPLES);
  command
    .command('check')
    .description('tell what is wrong with the files')
    .argument('<folder>', 'folder of schemas')
    .action(
      runAction(async (folder: string) => {
        const { checkSchemas } = await import('./schema/check-schemas.js');
        return checkSchemas(folder);
      }),
    );
  command
    .command('types')
    .description('print the types of the data as a TypeScript module')
    .argument('<folder>', 'folder of schemas')
    .option('-o, --out <file>', 'write a file instead')
    .action(
      runAction(async (folder: string, options: TypesOptions) => {
        const { writeTypes } = await import('./schema/write-types.js');
        return writeTypes(folder, options);
      }),
    );
  command
    .command('try')
    .description('tell whether data fits the schema of a topic')
    .argument('<folder>', 'folder of schemas')
    .argument('<data>', 'file with the value of data as JSON, - for stdin')
    .requiredOption('--package <name>', 'package of the topic')
    .requiredOption('--page <name>', 'page of the topic')
    .action(
      runAction(async (folder: string, data: string, options: TryOptions) => {
        const { tryData } = await import('./schema/try-data.js');
        return tryData({ folder, data, ...options });
      }),
    );
  return command;
}
