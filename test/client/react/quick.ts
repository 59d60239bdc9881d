import { WebSocket } from 'ws';
import type { ConnectionOptions } from '../../../src/client/react.js';

/** For tests: the WebSocket of `ws`, and no long waits. */
export const QUICK: ConnectionOptions = { WebSocket, backoff: { initialMs: 20, maxMs: 100 } };
