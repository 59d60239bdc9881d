import { isObject, type JsonObject } from '../../protocol/index.js';
import { type Answer, codeAndPath } from './answers.js';
import { type Arguments, type Draft, HTTP_CLIENT, type Material, ownKey } from './draft.js';
import { escapeText } from './packages.js';
import type { Source } from './publications.js';
import type { Exchange } from './story.js';

/** The `notify` of each publication that has one. */
export function publicationSteps(material: Material): Draft[] {
  return [...material.publications].flatMap(([publication, name]): Draft[] => {
    const { place, atMs, text, source } = publication;
    const start = { as: name };
    const end = { text: material.packages.inText(text), save: material.resumes.saves.get(publication) };
    const step = (args: Arguments, rules: readonly string[]): Draft[] => [{ place, atMs, word: 'notify', args, rules }];
    switch (source.kind) {
      case 'http':
        return step({ ...start, via: HTTP_CLIENT, ...end }, ['R-6.2', 'R-6.3']);
      case 'elsewhere':
        return step({ ...start, ...end }, ['R-2.10']);
      case 'ephemeral':
        return step({ ...start, ...end, ...(source.code === undefined ? {} : { answer: { code: source.code } }) }, ['R-2.10']);
      case 'line':
        return step({ ...start, ...sentBy(source, material), ...end, ...answerPattern(source.answer) }, [
          source.line.dialect === 'base' ? 'R-2.10' : 'R-5.7',
        ]);
      default:
        return [];
    }
  });
}

/** Who sends it, and what a `wsn.v1` client says beside it. */
function sentBy({ line, message }: Extract<Source, { kind: 'line' }>, { names }: Material): JsonObject {
  const via = names.get(line) ?? '';
  if (line.dialect === 'base') return { via };
  const id = message.id === undefined ? {} : { id: escapeText(message.id) };
  return { via, ...id, ...(message.key === undefined ? {} : { key: ownKey(message.key) }) };
}

function answerPattern(answer: Answer | undefined): JsonObject {
  const { receipt, error } = answer?.message ?? {};
  if (isObject(error)) return { answer: { error: codeAndPath(error) } };
  if (isObject(receipt)) return { answer: { receipt: { duplicate: receipt.duplicate ?? false } } };
  return {};
}

/** The step of a request that no `notify` makes. */
export function exchangeSteps(exchange: Exchange, { packages, publications }: Material): Draft[] {
  const isNotify = [...publications.keys()].some(({ source }) => source.kind === 'http' && source.exchange === exchange);
  if (isNotify) return [];
  const { request, status, body, index, atMs } = exchange;
  const text = request.body.toString('utf8');
  const sent = Buffer.from(text).equals(request.body) ? { text: packages.inText(text) } : { hex: request.body.toString('hex') };
  const args = {
    client: HTTP_CLIENT,
    ...(request.method === (request.body.length === 0 ? 'GET' : 'POST') ? {} : { method: request.method }),
    path: escapeText(request.path),
    ...(Object.keys(request.headers).length === 0 ? {} : { headers: headersOf(request.headers) }),
    ...(request.body.length === 0 ? {} : sent),
    expect: { status, ...problemPattern(body) },
  };
  return [{ place: index, atMs, word: 'http', args, rules: [/^\/(?:health|ready)z/.test(request.path) ? 'R-6.4' : 'R-6.1'] }];
}

function headersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    /^idempotency-key$/i.test(name) ? ownKey(value) : escapeText(value),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** What a refusal says to programs. */
function problemPattern(body: string): JsonObject {
  try {
    const problem = JSON.parse(body) as JsonObject;
    const known = Object.entries(problem).filter(([name, value]) => ['code', 'pointer'].includes(name) && typeof value === 'string');
    return known.length === 0 ? {} : { body: Object.fromEntries(known) };
  } catch {
    return {};
  }
}
