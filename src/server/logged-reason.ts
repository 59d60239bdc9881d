import type { ProtocolError } from '../protocol/index.js';

/** A pointer to a notification's data, and behind it names that stand in the data. */
const INTO_DATA = /^((?:\/notification|\/notifications\/\d+)?\/data)\//;

/** Why something was refused, as a log may tell it: the names of members of data are data, too. */
export function loggedReason(error: ProtocolError): string {
  const data = INTO_DATA.exec(error.path)?.[1];
  return data === undefined ? error.described : `${data}: ${error.message}`;
}
