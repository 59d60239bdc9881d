import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerCertificates } from '../../../src/server/tls/certificates.js';
import { ExpiryNotice } from '../../../src/server/tls/expiry-notice.js';
import { recordingLog } from '../../support/log.js';

const DAY_MS = 24 * 3_600_000;

function expiringIn(days: number): ServerCertificates {
  const files = { cert: 'crt.pem', key: 'key.pem', clientCa: undefined };
  return { files, options: {}, names: ['broker.test'], fingerprint: '', expiresAt: Date.now() + days * DAY_MS };
}

describe('the end of the certificates', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: Date.UTC(2030, 0, 1) }));
  afterEach(() => void vi.useRealTimers());

  it('is announced 30, 14, 7, 3 and 1 days before, once each, and every day when it is over', () => {
    const log = recordingLog();
    const startedAt = Date.now();
    const notice = new ExpiryNotice(expiringIn(40), log);
    const seen: [number, string][] = [];
    let told = 0;
    for (let day = 0; day < 43; day++) {
      vi.advanceTimersByTime(DAY_MS);
      for (; told < log.records.length; told++) seen.push([(Date.now() - startedAt) / DAY_MS, log.records[told]?.level ?? '']);
    }
    notice.close();
    const warnings = [10, 26, 33, 37, 39].map((day) => [day, 'warn']);
    expect(seen).toEqual([...warnings, [40, 'error'], [41, 'error'], [42, 'error'], [43, 'error']]);
  });

  it.each([
    [31, undefined, undefined],
    [29, 'warn', 'the TLS certificate expires in 30 days or less'],
    [0.5, 'warn', 'the TLS certificate expires in a day or less'],
    [-1, 'error', 'the TLS certificate has expired: clients refuse it, renew it now'],
  ])('is told at once where there are %d days left', (days, level, message) => {
    const log = recordingLog();
    new ExpiryNotice(expiringIn(days), log).close();
    expect(log.records.map((record) => [record.level, record.message])).toEqual(level ? [[level, message]] : []);
    if (level) expect(log.records[0]?.fields).toMatchObject({ file: 'crt.pem', names: ['broker.test'], expiresAt: expect.any(String) });
  });

  it('is that of the new ones when they are renewed', () => {
    const log = recordingLog();
    const notice = new ExpiryNotice(expiringIn(2), log);
    notice.renew(expiringIn(90));
    vi.advanceTimersByTime(59 * DAY_MS);
    expect(log.records).toHaveLength(1);
    vi.advanceTimersByTime(2 * DAY_MS);
    expect(log.records).toHaveLength(2);
    notice.close();
    vi.advanceTimersByTime(60 * DAY_MS);
    expect(log.records).toHaveLength(2);
  });
});
