import { ANY_NAME, explain, type Grant, type Notification, permits, type Reason } from '../../protocol/index.js';

/**
 * Why a grant lets a notification through, or why not; `accepted` of the root is what `permits` says of it.
 * A grant is read as a subscription is, but for its `*`.
 */
export function explainGrant(grant: Grant, notification: Notification): Reason {
  const named = { ...grant, package: nameOf('package', grant, notification), page: nameOf('page', grant, notification) };
  const parts = explain(named, notification).parts.map((part) => {
    if (part.what !== 'package' && part.what !== 'page') return part;
    if (grant[part.what] === ANY_NAME) return { ...part, because: `any ${part.what} is granted (${ANY_NAME})` };
    return part.accepted ? part : { ...part, because: part.because.replace(' is wanted, ', ' is granted, ') };
  });
  const accepted = permits([grant], notification);
  const refused = parts.filter((part) => !part.accepted).length;
  const because = accepted
    ? 'the grant lets it through'
    : `the grant does not let it through: ${refused} of ${parts.length} conditions refused`;
  return { accepted, what: 'grant', because, parts };
}

function nameOf(name: 'package' | 'page', grant: Grant, notification: Notification): string {
  return grant[name] === ANY_NAME ? notification[name] : grant[name];
}
