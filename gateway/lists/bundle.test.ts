import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { DEFAULT_LIST_LIMITS, openBundle, outOfTime, parseBundle, rolledBack, type BundleOptions } from './bundle.ts';
import { readSigned } from './files.ts';
import { DAY_MS, DOC_LIST, entry, forged, list, NOW, office, SITE } from './lists.fixtures.ts';
import type { Result } from './result.ts';
import { newKey, signBundle } from './office/sign.ts';
import { checkThreshold, verifyBytes, type SignedFile } from './signature.ts';

const o = office();
const keys = o.listKeys.slice(0, 2);
const wanted: BundleOptions = { root: o.root, site: SITE, limits: DEFAULT_LIST_LIMITS };
const open = (file: SignedFile) => openBundle(file, wanted);

/** Every byte of the list and of its signature file, changed in several ways: how many of these files get in? */
function survivors(file: SignedFile, opener: (file: SignedFile) => Result<unknown>, masks: readonly number[]): number {
  let accepted = 0;
  const sig = Buffer.from(file.signatures, 'latin1');
  for (const mask of masks) {
    for (let i = 0; i < file.bytes.length; i++) {
      const bytes = file.bytes.slice();
      bytes[i]! ^= mask;
      if (opener({ bytes, signatures: file.signatures }).ok) accepted++;
    }
    for (let i = 0; i < sig.length; i++) {
      const changed = Buffer.from(sig);
      changed[i]! ^= mask;
      if (opener({ bytes: file.bytes, signatures: changed.toString('latin1') }).ok) accepted++;
    }
  }
  return accepted;
}

describe('a signed list', () => {
  it('opens when all is well', () => {
    const opened = open(list(keys));
    expect(opened).toMatchObject({ ok: true, value: { site: SITE, ref: { type: 'plate-list', version: 7 } } });
    expect(opened.ok && opened.value.entries[0]).toMatchObject({
      id: 'E-1',
      key: '皖A12345',
      validFrom: Date.UTC(2026, 10, 1),
    });
  });

  it('the published document list is one', () => {
    const parsed = parseBundle(new TextEncoder().encode(DOC_LIST), {
      site: SITE,
      type: 'doc-list',
      limits: DEFAULT_LIST_LIMITS,
    });
    expect(parsed).toMatchObject({ ok: true, value: { ref: { version: 7 }, entries: [] } });
  });

  it('lets no flipped byte in, neither of the list nor of its signatures', () => {
    expect(survivors(list(keys), open, [0x01, 0x02, 0x10, 0x20, 0x80, 0xff])).toBe(0);
  });

  it('(that test would catch a box that parses without verifying, and one that reads base64 loosely)', () => {
    const file = list(keys);
    expect(survivors(file, (f) => parseBundle(f.bytes, wanted), [0x01])).toBeGreaterThan(0);
    const loose = (f: SignedFile): Result<unknown> => {
      const good = f.signatures.split(/\s+/).filter((word) => {
        const bytes = Buffer.from(word, 'base64');
        return bytes.length === 64 && keys.some((key) => verifyBytes(f.bytes, bytes, key.publicKey));
      });
      return good.length >= 2 ? { ok: true, value: 0 } : { ok: false, why: 'unsigned', detail: '' };
    };
    expect(survivors(file, loose, [0x20])).toBeGreaterThan(0);
  });

  it('is refused unsigned, signed by one, by strangers, and by root keys', () => {
    const { bytes } = list(keys);
    expect(open({ bytes, signatures: '' })).toMatchObject({ why: 'unsigned' });
    for (const signers of [[keys[0]!], [newKey('list'), newKey('list')], o.rootKeys]) {
      expect(open(list(signers))).toMatchObject({ ok: false, why: 'unsigned' });
    }
  });

  it('is verified before it is parsed', () => {
    const nonsense = { bytes: new TextEncoder().encode('{"not JSON'), signatures: list(keys).signatures };
    expect(open(nonsense)).toMatchObject({ why: 'altered' });
  });

  it('is bound to its site and to its type', () => {
    expect(open(list(keys, { site: 'elsewhere' }))).toMatchObject({ why: 'wrong site' });
    expect(openBundle(list(keys), { ...wanted, type: 'doc-list' })).toMatchObject({ ok: false, why: 'unreadable' });
    expect(open(forged(keys, (c) => (c['_type'] = 'root')))).toMatchObject({ why: 'unreadable' });
    // A plate list replayed as a document list fails by its fields as well.
    expect(open(forged(keys, (c) => (c['_type'] = 'doc-list')))).toMatchObject({ why: 'unreadable' });
  });

  it('is refused with more entries than the limit, and with a life of more than 7 days', () => {
    const entries = [entry('E-1', '皖A12345'), entry('E-2', '皖A12346')];
    const limits = { ...DEFAULT_LIST_LIMITS, maxEntries: 1 };
    expect(openBundle(list(keys, { entries }), { ...wanted, limits })).toMatchObject({ why: 'too big' });
    expect(open(signBundle({ type: 'plate-list', site: SITE, version: 7, entries, now: NOW, days: 8 }, keys)).ok).toBe(
      false,
    );
    expect(open(list(keys, { days: 7 })).ok).toBe(true);
  });
});

describe('time', () => {
  const opened = open(list(keys));
  if (!opened.ok) throw new Error(opened.detail);
  const at = (now: number) => outOfTime(opened.value, o.root, now);

  it('ends with the list, and with the root', () => {
    expect(at(NOW + 7 * DAY_MS - 1)).toBeUndefined();
    expect(at(NOW + 7 * DAY_MS)).toMatchObject({ why: 'expired' });
    const short = { ...o.root, expires: NOW + DAY_MS };
    expect(outOfTime(opened.value, short, NOW + DAY_MS)).toMatchObject({ why: 'expired' });
  });

  it('has not begun for a clock that stands years behind', () => {
    expect(at(NOW - 3650 * DAY_MS)).toMatchObject({
      why: 'expired',
      detail: expect.stringContaining('clock') as string,
    });
  });
});

describe('versions', () => {
  const ref = (version: number, sha256: string) => ({ type: 'plate-list' as const, version, sha256 });
  it('only grow', () => {
    expect(rolledBack(ref(7, 'a'), undefined)).toBeUndefined();
    expect(rolledBack(ref(8, 'b'), ref(7, 'a'))).toBeUndefined();
    expect(rolledBack(ref(7, 'a'), ref(7, 'a'))).toBeUndefined();
    expect(rolledBack(ref(7, 'b'), ref(7, 'a'))).toMatchObject({ why: 'rolled back' });
    expect(rolledBack(ref(6, 'a'), ref(7, 'a'))).toMatchObject({ why: 'rolled back' });
  });
});

describe('entries', () => {
  const withEntry = (change: (e: Record<string, unknown>) => void) =>
    open(forged(keys, (content) => change((content['entries'] as Record<string, unknown>[])[0]!)));

  it.each([
    'id',
    'plate',
    'category',
    'legalBasis',
    'issuer',
    'authorisedBy',
    'validFrom',
    'validUntil',
    'instruction',
  ])('without %s are refused by name', (field) => {
    expect(withEntry((e) => delete e[field])).toMatchObject({
      ok: false,
      why: 'unreadable',
      detail: expect.stringContaining(field) as string,
    });
  });

  it.each<[string, string, unknown]>([
    ['a blank legal basis', 'legalBasis', '   '],
    ['an escape sequence', 'instruction', 'stop\u001b[2J'],
    ['text that runs backwards', 'issuer', 'a\u202eb'],
    ['a day that is none', 'validUntil', '2026-02-30T00:00:00Z'],
    ['a time without a zone', 'validUntil', '2026-12-01T00:00:00'],
    ['an end before the beginning', 'validUntil', '2026-10-01T00:00:00Z'],
    ['an hour that is none', 'hours', { from: '24:00', to: '06:00' }],
    ['no lanes at all', 'lanes', []],
    ['a field that is not known', 'ethnicity', 'x'],
    ['a plate that is none', 'plate', '皖O12345'],
    ['a number for a text', 'category', 7],
  ])('with %s are refused', (_what, field, value) => {
    expect(withEntry((e) => (e[field] = value))).toMatchObject({ ok: false, why: 'unreadable' });
  });

  it('with one id twice are refused', () => {
    const entries = [entry('E-1', '皖A12345'), entry('E-1', '皖A12346')];
    expect(open(list(keys, { entries }))).toMatchObject({ detail: expect.stringContaining('twice') as string });
  });

  it('are never quoted in the refusal, and thousands of mistakes make a short one', () => {
    const entries = Array.from({ length: 3000 }, (_, i) => entry(`E-${i}`, '皖O99999'));
    const refused = open(list(keys, { entries }));
    if (refused.ok) throw new Error('accepted');
    expect(refused.detail).not.toContain('99999');
    expect(refused.detail).toContain('and 2980 more');
    expect(refused.detail.length).toBeLessThan(5000);
  });
});

describe('files', () => {
  const folder = tempFolder();

  it('a file of 200 MB is refused by its size', () => {
    const path = join(folder, 'huge.json');
    const fd = openSync(path, 'w');
    ftruncateSync(fd, 200e6);
    closeSync(fd);
    const before = process.memoryUsage().arrayBuffers;
    expect(readSigned(path, DEFAULT_LIST_LIMITS.maxBytes)).toMatchObject({
      why: 'too big',
      detail: expect.stringContaining('200000000') as string,
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  it('a list without its .sig is unsigned; a folder and a missing file are named', () => {
    const path = join(folder, 'bare.json');
    writeFileSync(path, '{}');
    expect(readSigned(path, 1000)).toMatchObject({
      why: 'unsigned',
      detail: expect.stringContaining('.sig') as string,
    });
    expect(readSigned(folder, 1000)).toMatchObject({ why: 'unreadable' });
    expect(readSigned(join(folder, 'none.json'), 1000)).toMatchObject({ why: 'no list' });
  });

  it('an empty signature file is unsigned', () => {
    expect(checkThreshold({ bytes: list(keys).bytes, signatures: '' }, o.root.listKeys, 'list key')?.why).toBe(
      'unsigned',
    );
  });

  it('is verified once, signature by signature', () => {
    const asked: string[] = [];
    class Counted extends Map<string, Uint8Array> {
      override get(id: string): Uint8Array | undefined {
        asked.push(id);
        return super.get(id);
      }
    }
    const root = { ...o.root, listKeys: { ...o.root.listKeys, keys: new Counted(o.root.listKeys.keys) } };
    expect(openBundle(list(keys), { ...wanted, root })).toMatchObject({ ok: true });
    expect(asked.sort()).toEqual(keys.map((key) => key.id).sort());
  });
});
