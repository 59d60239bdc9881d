import { isAuthenticating, Unauthenticated, verify } from './identity.mjs';
import { broken } from './mistakes/index.mjs';
import { answer, sendError } from './v1-answers.mjs';

/** Takes a token that a v1 peer gives in band. */
export function takeToken(session, id, token) {
  if (!isAuthenticating) return refuseToken(session, id);
  try {
    const identity = verify(token);
    const { subject } = session.identity ?? identity;
    if (subject !== undefined && subject !== identity.subject && !broken('fresh-token-any-subject'))
      return sendError(session, id, { code: 'forbidden', path: '/token', message: 'is of somebody else' });
    session.become(identity);
    return answer(session, id, { authenticated: { expiresAt: identity.expiresAt } });
  } catch (error) {
    if (!(error instanceof Unauthenticated)) throw error;
    if (broken('bad-token-accepted')) return answer(session, id, { authenticated: {} });
    if (session.identity === undefined && !broken('bad-first-token-kept')) return session.connection.close(4401, error.message);
    if (broken('bad-token-closes')) return session.connection.close(4401, error.message);
    if (broken('bad-token-forgets')) session.identity = { subscribe: [], publish: [] };
    return sendError(session, id, { code: 'unauthenticated', path: '/token', message: error.message });
  }
}

function refuseToken(session, id) {
  if (broken('token-closes')) return session.connection.close(4401, 'tokens are not known here');
  if (broken('token-accepted')) return answer(session, id, { authenticated: { expiresAt: Date.now() + 60_000 } });
  const code = broken('token-invalid') ? 'invalid-message' : 'unsupported';
  return sendError(session, id, { code, path: '/token', message: 'nobody is authenticated here' });
}
