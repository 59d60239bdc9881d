import { type CheckContext, type Located, type LocatedEntry, memberOf, quote, suggest } from '../../document/index.js';
import type { Step } from '../scenario.js';

/** Names of the variables that exist at run time only: `package`, and what any `save` of the steps names. */
export function laterNames(root: Located): ReadonlySet<string> {
  const names = new Set(['package']);
  for (const part of ['steps', 'finally']) collectSaved(memberOf(root, part), names);
  return names;
}

function collectSaved(at: Located | undefined, names: Set<string>): void {
  if (at?.kind === 'list') for (const item of at.items) collectSaved(item, names);
  if (at?.kind !== 'map') return;
  for (const { key, value } of at.entries) {
    if (key === 'save' && value.kind === 'map') for (const saved of value.entries) names.add(saved.key);
    collectSaved(value, names);
  }
}

/** Complains about each `notification` of an `expect` that no `notify` before it names with `as`. */
export function checkNotifications(root: Located, context: Pick<CheckContext, 'complain'>): void {
  const named = new Set<string>();
  for (const { key, value } of stepsOf(root)) {
    if (key === 'notify') addText(memberOf(value, 'as'), named);
    if (key !== 'expect') continue;
    const sequence = memberOf(value, 'sequence');
    for (const at of [value, ...(sequence?.kind === 'list' ? sequence.items : [])]) {
      const wanted = memberOf(at, 'notification');
      if (wanted?.kind !== 'scalar' || typeof wanted.value !== 'string' || named.has(wanted.value)) continue;
      const message = `no step before this one has sent a notification ${quote(wanted.value)}: ${suggest(wanted.value, named, 'notifications so far')}`;
      context.complain({ message, place: wanted.place });
    }
  }
}

/** Complains about the clients that no step of any row names. */
export function checkClientsUsed(root: Located, steps: readonly Step[], context: Pick<CheckContext, 'complain'>): void {
  const clients = memberOf(root, 'clients');
  const used = new Set(steps.flatMap((step) => step.clients));
  for (const { key, keyPlace } of clients?.kind === 'map' ? clients.entries : []) {
    if (!used.has(key)) context.complain({ message: `no step names the client ${quote(key)}: take it out`, place: keyPlace });
  }
}

function stepsOf(root: Located): readonly LocatedEntry[] {
  const lists = [memberOf(root, 'steps'), memberOf(root, 'finally')].filter((list) => list?.kind === 'list');
  return lists.flatMap((list) => list.items).flatMap((item) => (item.kind === 'map' ? item.entries : []));
}

function addText(at: Located | undefined, names: Set<string>): void {
  if (at?.kind === 'scalar' && typeof at.value === 'string') names.add(at.value);
}
