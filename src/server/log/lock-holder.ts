import { connect } from 'node:net';

/** Who answers on the socket of a lock. */
export interface Holder {
  /** Undefined when it does not say. */
  readonly pid: number | undefined;
  /** Whether it has yet to find out whether it is alone. */
  isStarting: boolean;
}

/** One that is stopped, or busy for longer than this, has the folder all the same. */
const PATIENCE_MS = 1000;
/** Nobody is behind the socket, or it has just been taken away. */
const NOBODY = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']);

/** Its end was closed before it answered. */
const LEAVING = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Asks who is behind a socket.
 * @returns undefined when nobody is; `leaving` when somebody was just now, so that it has to be asked again.
 */
export function askHolder(address: string): Promise<Holder | 'leaving' | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    let text = '';
    const settle = (holder: Holder | 'leaving' | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(holder);
    };
    const timer = setTimeout(() => settle(UNKNOWN), PATIENCE_MS);
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => settle(text === '' ? 'leaving' : readHolder(text)));
    socket.on('error', (error) => settle(readRefusal('code' in error ? String(error.code) : '')));
  });
}

const UNKNOWN: Holder = { pid: undefined, isStarting: false };

/** Whatever else goes wrong tells that there is somebody: it is better not to start than to share a folder. */
function readRefusal(code: string): Holder | 'leaving' | undefined {
  if (NOBODY.has(code)) return undefined;
  return LEAVING.has(code) ? 'leaving' : UNKNOWN;
}

function readHolder(text: string): Holder {
  try {
    const { pid, isStarting } = JSON.parse(text);
    return { pid: Number.isInteger(pid) ? pid : undefined, isStarting: isStarting === true };
  } catch {
    return UNKNOWN;
  }
}
