import { nearest, quote, type Shape, scalar, suggest } from '../../document/index.js';

/** The name of one of the file's clients. */
export function clientName(about: string): Shape<string> {
  return scalar("a client's name", {
    read: (value, { names }) => (typeof value === 'string' && names?.has(value) ? value : undefined),
    complain: (value, { names = new Set() }) =>
      typeof value === 'string' ? `there is no client ${quote(value)}: ${suggestClient(value, names)}` : undefined,
    schema: { type: 'string', description: about },
  });
}

/** The nearest, and all that there are: whoever adds a client wants to see both. */
function suggestClient(name: string, clients: ReadonlySet<string>): string {
  const near = nearest(name, [...clients]);
  const all = suggest('', clients, 'clients');
  return near === undefined ? all : `did you mean ${quote(near)}? ${all[0]?.toUpperCase()}${all.slice(1)}`;
}
