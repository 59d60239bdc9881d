import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CertificateWatch } from '../../../src/server/tls/certificate-watch.js';
import { loadCertificates, type SecureOptions } from '../../../src/server/tls/certificates.js';
import { authority, folderOf, forThisMachine, type Issued } from '../../support/certificates.js';
import { recordingLog } from '../../support/log.js';

const signer = authority();
const [first, second, third] = [forThisMachine(signer), forThisMachine(signer), forThisMachine(signer)] as const;
const FOR_EVER = 3_600_000;
const PATIENCE = { timeout: 15_000 };
const REFUSED = 'the new TLS certificates are not used, those of before stay';
const IN_USE = 'new TLS certificates are in use for new connections';

/** A watch over files of its own, which applies certificates to nothing but remembers that it did. */
async function watchOver({ settleMs = FOR_EVER, intervalMs = 10, files = pairOf(first), crt = 'crt', key = 'key' } = {}) {
  const folder = folderOf(files);
  const log = recordingLog();
  const applied: SecureOptions[] = [];
  const loaded = await loadCertificates({ cert: folder.path(crt), key: folder.path(key), clientCa: undefined });
  const watch = new CertificateWatch(loaded, { log, apply: (options) => applied.push(options), intervalMs, settleMs });
  return {
    ...folder,
    watch,
    log,
    applied,
    write: (files: Readonly<Record<string, string>>) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(folder.path(name), text);
    },
    /** As a broker does that is told to. */
    reload: async () => watch.use(await watch.load(watch.current.files)),
    /** Resolves when those of `issued` are in use. */
    uses: (issued: Issued) => expect.poll(() => String(watch.current.options.cert), PATIENCE).toBe(issued.cert),
    [Symbol.dispose]() {
      watch.close();
      folder[Symbol.dispose]();
    },
  };
}

function pairOf({ cert, key }: Issued) {
  return { crt: cert, key };
}

describe('the files of the certificates', () => {
  it('are taken up when they are written over', async () => {
    using files = await watchOver();
    files.write(pairOf(second));
    await files.uses(second);
    const { names, fingerprint } = files.watch.current;
    expect(files.applied.map(({ cert }) => String(cert))).toEqual([second.cert]);
    expect(files.log.find(IN_USE)).toMatchObject({ file: files.path('crt'), names, fingerprint, expiresAt: expect.any(String) });
  });

  it('are taken up when others are renamed into their place, again and again', async () => {
    using files = await watchOver();
    for (const next of [second, third, first]) {
      files.write({ 'new-crt': next.cert, 'new-key': next.key });
      renameSync(files.path('new-crt'), files.path('crt'));
      renameSync(files.path('new-key'), files.path('key'));
      await files.uses(next);
    }
    expect(files.applied).toHaveLength(3);
  });

  it('are taken up when the folder behind a link is exchanged', async () => {
    using old = folderOf(pairOf(first));
    using fresh = folderOf(pairOf(second));
    using volume = folderOf({});
    symlinkSync(old.path(''), volume.path('data'));
    const log = recordingLog();
    const loaded = await loadCertificates({ cert: volume.path('data/crt'), key: volume.path('data/key'), clientCa: undefined });
    const watch = new CertificateWatch(loaded, { log, apply: () => {}, intervalMs: 10 });
    symlinkSync(fresh.path(''), volume.path('data.new'));
    renameSync(volume.path('data.new'), volume.path('data'));
    await expect.poll(() => String(watch.current.options.cert), PATIENCE).toBe(second.cert);
    watch.close();
  });

  it('are taken up when they changed between their loading and the first look', async () => {
    using files = await watchOver({ intervalMs: 200 });
    files.write(pairOf(second));
    await files.uses(second);
  });

  it('may be half written for a while, and nothing is said of it', async () => {
    using files = await watchOver();
    files.write({ crt: second.cert });
    await expect(files.watch.load(files.watch.current.files)).rejects.toThrow('which is not the key of the certificate in');
    rmSync(files.path('key'));
    await expect(files.watch.load(files.watch.current.files)).rejects.toThrow('which cannot be read: ENOENT');
    files.write({ key: second.key });
    await files.uses(second);
    expect(files.log.records.map(({ message }) => message)).toEqual([IN_USE]);
  });

  it.each([
    ['the key of another', { crt: second.cert }, /^\/.*key, which is not the key of the certificate in .*crt$/],
    ['no certificate', { crt: 'hello' }, /^\/.*crt, which has no certificate: /],
    ['one that has expired', pairOf(forThisMachine(signer, { expiresInMs: -1000 })), /^\/.*crt, which expired at /],
    ['one that is not valid yet', pairOf(forThisMachine(signer, { startsInMs: 60_000 })), /^\/.*crt, which is not valid before /],
  ])('are told of once and not used when they have %s, until they are put right', async (_, bad, because) => {
    using files = await watchOver({ settleMs: 40 });
    files.write(bad);
    await expect
      .poll(() => files.log.find(REFUSED), PATIENCE)
      .toMatchObject({ file: files.path('crt'), because: expect.stringMatching(because) });
    expect(String(files.watch.current.options.cert)).toBe(first.cert);
    files.write(pairOf(third));
    await files.uses(third);
    const told = files.log.records.filter(({ level }) => level === 'error');
    expect([files.applied.length, told.length]).toEqual([1, 1]);
  });

  it('are told of again when they change and are still bad', async () => {
    using files = await watchOver({ settleMs: 0 });
    for (const [index, text] of ['one', 'another'].entries()) {
      // Renamed: here an empty file would be told of, too.
      files.write({ 'new-crt': text });
      renameSync(files.path('new-crt'), files.path('crt'));
      await expect.poll(() => files.log.records, PATIENCE).toHaveLength(index + 1);
    }
  });

  it('change nothing when they are written with what they had', async () => {
    using files = await watchOver();
    files.write(pairOf(first));
    await files.reload();
    files.write(pairOf(second));
    await files.uses(second);
    expect(files.applied).toHaveLength(1);
  });
});

describe('a reload', () => {
  const reloading = (files: Parameters<typeof pairOf>[0]) => watchOver({ intervalMs: FOR_EVER, files: pairOf(files) });

  it('uses the files as they are, without waiting for a look', async () => {
    using files = await reloading(first);
    files.write(pairOf(second));
    await files.reload();
    expect(String(files.watch.current.options.cert)).toBe(second.cert);
  });

  it('fails with what is wrong, and those of before stay', async () => {
    using files = await reloading(first);
    files.write({ key: second.key });
    await expect(files.reload()).rejects.toMatchObject({ name: 'OptionError', option: 'tlsKey' });
    expect(String(files.watch.current.options.cert)).toBe(first.cert);
  });

  it('may load other files first, and use them when all else of a configuration is in order', async () => {
    using files = await watchOver();
    using others = folderOf(pairOf(second));
    const next = await files.watch.load({ cert: others.path('crt'), key: others.path('key'), clientCa: undefined });
    expect(String(files.watch.current.options.cert)).toBe(first.cert);
    files.watch.use(next);
    expect(String(files.watch.current.options.cert)).toBe(second.cert);
    writeFileSync(others.path('crt'), third.cert);
    writeFileSync(others.path('key'), third.key);
    await files.uses(third);
  });

  it('with files that have changed since does not end with the older ones', async () => {
    using files = await watchOver();
    const older = await files.watch.load(files.watch.current.files);
    files.write(pairOf(second));
    await files.uses(second);
    files.watch.use(older);
    expect(String(files.watch.current.options.cert)).toBe(first.cert);
    await files.uses(second);
  });

  it('takes certificates that have expired when those in use have too', async () => {
    const [over, longOver] = [forThisMachine(signer, { expiresInMs: -1000 }), forThisMachine(signer, { expiresInMs: -2000 })];
    using files = await reloading(over);
    files.write(pairOf(longOver));
    await files.reload();
    expect(String(files.watch.current.options.cert)).toBe(longOver.cert);
  });
});
