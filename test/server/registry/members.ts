import type { Group } from '../../../src/server/registry/group.js';
import type { Membership } from '../../../src/server/registry/membership.js';

/** Everybody in a group, in whichever way. */
export function membersOf(group: Group): readonly Membership[] {
  return [...(group.base?.members ?? []), ...(group.v1?.members ?? []), ...(group.others ?? [])];
}
