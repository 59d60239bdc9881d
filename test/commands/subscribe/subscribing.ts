import { spawnWsn } from '../../support/wsn.js';

/** What most of these tests subscribe to. */
export const CHANNELS = ['--package', 'amaiia_msg_srv', '--channel', '2,3'];

/** Runs `wsn subscribe` on a broker. */
export function subscribe(url: string, ...args: string[]) {
  return spawnWsn(['subscribe', '--url', url, ...args]);
}

/** The `messageId`s of what was printed, in their order. */
export function messageIds(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).notification.data.messageId);
}
