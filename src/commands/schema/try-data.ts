import { type Json, ProtocolError } from '../../protocol/index.js';
import { scan } from '../../protocol/scan.js';
import { fileNameOf } from '../../server/schemas/file-name.js';
import { readSchemas } from '../../server/schemas/read-schemas.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure, UsageError } from '../exit/usage-error.js';
import { describeProtocolError, type Input, readInput } from '../input/json-input.js';
import type { TryOptions } from '../schema.js';
import { escapeText } from '../terminal/escape-text.js';
import { refuseSchemas } from './check-schemas.js';

export interface Trial extends TryOptions {
  readonly folder: string;
  /** File with the data, `-` for stdin. */
  readonly data: string;
}

/**
 * Says whether data would be let through.
 * @throws CommandFailure with exit 4 when it does not fit; UsageError for bad files and for a topic without a schema.
 */
export async function tryData({ folder, data, package: name, page }: Trial): Promise<number> {
  const { checks, errors } = await readSchemas(folder);
  refuseSchemas(folder, errors);
  const check = checks.find(({ topic }) => topic.package === name && topic.page === page);
  if (check === undefined) {
    const file = fileNameOf({ package: name, page });
    throw new UsageError(`${folder} has no ${file}: every data of this topic is let through`);
  }
  const input = await readInput(data);
  const misfit = check.misfit(parse(input));
  if (misfit) throw new CommandFailure(`/data${misfit.pointer}: ${misfit.message} (${misfit.rule})`, EXIT.failed);
  process.stdout.write(`${escapeText(`${input.name} fits`)}\n`);
  return EXIT.ok;
}

function parse(input: Input): Json {
  try {
    scan(input.bytes);
    return JSON.parse(input.text) as Json;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new UsageError(describeProtocolError(input.name, input, error));
  }
}
