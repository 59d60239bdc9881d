import { expect, it } from 'vitest';
import { loadTarget } from '../../src/scenario/run/target.js';
import { startTestBroker } from '../support/broker.js';
import { describeWithPhp } from '../support/php.js';
import { runWsn } from '../support/wsn.js';

const SERVER = 'test/interop/php/websocket_server.php';

/** What `wsn test --json` says of a case, as far as it is looked at here. */
interface CaseLine {
  readonly type: 'case';
  readonly id: string;
  readonly outcome: { readonly kind: string; readonly because?: string };
}

const SUITE = ['test', '--server', `php ${SERVER} {port}`, '--target', 'php', '--level', 'info', '--json'];
const LIMIT_MS = 240_000;

describeWithPhp('the suite against the PHP server that wsn takes the place of', () => {
  it(
    'finds the differences of DIVERGENCES.md and no others',
    async () => {
      const { code, stdout, stderr } = await runWsn(SUITE, { timeoutMs: LIMIT_MS });
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const cases = lines.filter((line): line is CaseLine => line.type === 'case');
      const idsOf = (kind: string) => cases.filter(({ outcome }) => outcome.kind === kind).map(({ id }) => id);
      expect(idsOf('failed'), stderr).toEqual([]);
      expect(idsOf('unexpected-pass')).toEqual([]);
      expect(lines.at(-1)).toMatchObject({ type: 'summary', failed: 0, noted: 0, unexpectedPasses: 0, isComplete: true });
      expect(idsOf('passed').length).toBeGreaterThan(500);
      expect(code).toBe(0);
    },
    LIMIT_MS,
  );
});

describeWithPhp('the PHP server in test/interop/php', (php) => {
  it.each([SERVER, 'test/interop/php/client.php', 'test/interop/php/matching.php'])('has a file %s that PHP accepts', async (file) => {
    const { stdout, code } = await php(['-l', file]);
    expect(stdout).toContain('No syntax errors');
    expect(code).toBe(0);
  });

  it('says when it cannot listen, and ends', async () => {
    await using broker = await startTestBroker();
    const { code, stdout, stderr } = await php([SERVER, String(broker.port)]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(`cannot listen on 0.0.0.0:${broker.port}: Address already in use\n`);
  });
});

it.each(['php', 'base'])('the target %s is known by the name of its file', (name) => {
  const { target, errors } = loadTarget(`scenarios/targets/${name}.yaml`);
  expect(errors).toEqual([]);
  expect(target?.name).toBe(name);
});
