import { once } from 'node:events';
import { connectionTrouble, connectSocket, type Destination, shownUrl } from '../../peer/index.js';
import { ServerError } from './server-error.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * @param url of the destination, for the message.
 * @param signal ends the attempt.
 * @throws ServerError when there is no connection within 10 s, by TLS where it has to be.
 */
export async function assertReachable(destination: Destination, url: string, signal?: AbortSignal): Promise<void> {
  const socket = connectSocket(destination);
  const patience = AbortSignal.any([AbortSignal.timeout(CONNECT_TIMEOUT_MS), ...(signal ? [signal] : [])]);
  try {
    await once(socket, destination.tls ? 'secureConnect' : 'connect', { signal: patience });
  } catch (error) {
    const { code, message, name } = error as NodeJS.ErrnoException;
    const why = name === 'AbortError' ? 'no answer' : connectionTrouble(code, message);
    throw new ServerError('unreachable', `cannot reach ${shownUrl(url)}: ${why}`);
  } finally {
    socket.on('error', () => {}); // it is of no interest any more
    socket.destroy();
  }
}
