import type { WayOptions } from '../broker/way.js';

export const TRANSPORTS = ['ephemeral', 'persistent', 'http'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** What the options of `wsn notify` come to. */
export interface NotifyOptions extends WayOptions {
  readonly url: string;
  /** A file, or `-`. */
  readonly file?: string;
  readonly package?: string;
  readonly page: string;
  readonly values?: string;
  readonly filter?: readonly string[];
  /** JSON. */
  readonly data?: string;
  readonly message?: string;
  readonly transport: Transport;
  readonly retry?: boolean;
  readonly key?: string;
  readonly expectMatched?: number;
  readonly json?: boolean;
  /** In ms. */
  readonly timeout?: number;
  /** False with `--no-input`. */
  readonly input: boolean;
}

/** The options that say what to publish; those of them that were typed win over a file that the environment names. */
export const CONTENT_OPTIONS = ['package', 'page', 'values', 'filter', 'data', 'message'] as const;
