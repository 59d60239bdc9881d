import { STATUS_CODES } from 'node:http';
import { isObject, type Json } from '../../../protocol/index.js';

/** What `POST /notify` was answered with. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Why an answer is no receipt, in the broker's words where it has any; nothing when it is one. */
export function refusalOf({ status, body }: HttpAnswer): string | undefined {
  if (status === 200) return undefined;
  return `HTTP ${status}: ${detailOf(body) ?? STATUS_CODES[status] ?? 'no reason'}`;
}

function detailOf(body: string): string | undefined {
  try {
    const problem = JSON.parse(body) as Json;
    return isObject(problem) && typeof problem.detail === 'string' ? problem.detail : undefined;
  } catch {
    return undefined;
  }
}
