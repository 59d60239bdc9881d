import { orVariable, type Shape, scalar } from '../../document/index.js';
import { RuleError } from '../gate/rule-error.js';
import { parseThreshold } from '../gate/threshold.js';

/** A threshold as it is written, such as `latency.p99<50ms`: one that can be read. */
export const THRESHOLD: Shape<string> = scalar('a threshold such as latency.p99<50ms', {
  read: (value) => (typeof value === 'string' && faultOf(value) === undefined ? value : undefined),
  complain: (value) => (typeof value === 'string' ? faultOf(value) : undefined),
  schema: orVariable('What has to hold, such as latency.p99<50ms or lost<0.1%', { type: 'string' }),
});

function faultOf(text: string): string | undefined {
  try {
    parseThreshold(text);
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) return error.message;
    throw error;
  }
}
