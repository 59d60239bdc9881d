import type { Log } from '../../src/server/observe.js';

export interface LogRecord {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that can be asked what was written to it. */
export function recordingLog(): Log & { readonly records: readonly LogRecord[]; find(message: string): LogRecord['fields'] | undefined } {
  const records: LogRecord[] = [];
  const at = (level: LogRecord['level']) => (fields: object, message: string) => {
    records.push({ level, message, fields: { ...fields } });
  };
  return {
    records,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    /** The fields of the last record with this message. */
    find: (message) => records.findLast((record) => record.message === message)?.fields,
  };
}
