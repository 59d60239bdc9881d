import { describe, expect, it } from 'vitest';
import type { HttpLine } from '../../../../src/bench/traffic/publishers/http-line.js';
import { openHttpPool } from '../../../../src/bench/traffic/publishers/http-pool.js';
import { startTestBroker } from '../../../support/broker.js';
import { ca, startTlsFront } from '../../tls-front.js';

/** Opens connections by TLS and tells what became of them. */
async function outcomeOf(tls: { readonly ca?: string; readonly insecure?: boolean }) {
  await using broker = await startTestBroker();
  await using front = await startTlsFront(broker.port);
  const free = new Set<HttpLine>();
  const ends: string[] = [];
  const events = {
    onFree: (line: HttpLine) => void free.add(line),
    onAnswer() {},
    onBroken() {},
    onEnded: (_: HttpLine, why: string) => void ends.push(why),
  };
  const pool = openHttpPool({ url: `${front.url.replace('wss', 'https')}/notify`, connections: 2, tls }, events);
  await pool.ready;
  const outcome = { free: free.size, ends: [...ends], heads: front.heads };
  await pool.end('it was stopped');
  return outcome;
}

describe('the connections of HTTP publishers by TLS', () => {
  it('are of use where the broker is trusted, or anybody is', async () => {
    expect(await outcomeOf({ ca })).toMatchObject({ free: 2, ends: [] });
    expect(await outcomeOf({ insecure: true })).toMatchObject({ free: 2, ends: [] });
  });

  it('end before anything is sent where it is not', async () => {
    const why = 'its certificate signs itself and is not trusted: name it with --tls-ca, or for a test use --insecure';
    expect(await outcomeOf({})).toEqual({ free: 0, ends: [why, why], heads: [] });
  });
});
