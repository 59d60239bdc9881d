import type { Way } from '../../../src/commands/broker/way.js';

/** The way of those who bring nothing and trust whom Node trusts. */
export const PLAIN_WAY: Way = { headers: {}, tls: undefined, brings: undefined };
