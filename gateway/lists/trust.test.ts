import { describe, expect, it } from 'vitest';
import { DAY_MS, NOW, office } from './lists.fixtures.ts';
import { addSignature, newKey, rotateRoot, type SecretKey } from './office/sign.ts';
import type { SignedFile } from './signature.ts';
import { openFirstRoot, openNextRoot, rootExpired } from './trust.ts';

const o = office();
const PLAN = { now: NOW, days: 30 };

/** The root with its content changed, signed by `keys`. */
function rewritten(file: SignedFile, keys: readonly SecretKey[], change: (root: RootJson) => void): SignedFile {
  const root = JSON.parse(new TextDecoder().decode(file.bytes)) as RootJson;
  change(root);
  return keys.reduce(addSignature, { bytes: new TextEncoder().encode(JSON.stringify(root)), signatures: '' });
}
interface RootJson {
  version: number;
  expires: string;
  rootKeys: { threshold: number; keys: { id: string; public: string }[] };
  listKeys: { threshold: number; keys: { id: string; public: string }[] };
}

describe('the first root', () => {
  it('is 2 of 3 for both roles', () => {
    expect(o.root).toMatchObject({ version: 1, rootKeys: { threshold: 2 }, listKeys: { threshold: 2 } });
    expect(o.root.rootKeys.keys.size).toBe(3);
    expect(o.root.listKeys.keys.size).toBe(3);
  });

  it('must be signed by a threshold of its own root keys', () => {
    const bare = { bytes: o.rootFile.bytes, signatures: '' };
    expect(openFirstRoot(addSignature(bare, o.rootKeys[0]!))).toMatchObject({ ok: false, why: 'unsigned' });
    expect(openFirstRoot(o.listKeys.reduce(addSignature, bare))).toMatchObject({ ok: false, why: 'unsigned' });
    expect(openFirstRoot(o.rootKeys.slice(1).reduce(addSignature, bare)).ok).toBe(true);
  });

  it.each<[string, (root: RootJson) => void]>([
    ['an id that is not that of its key', (r) => (r.listKeys.keys[0]!.id = '0123456789abcdef')],
    ['one key under two ids', (r) => (r.listKeys.keys[1] = { ...r.listKeys.keys[0]!, id: '0123456789abcdef' })],
    ['one key twice', (r) => r.listKeys.keys.push(r.listKeys.keys[0]!)],
    ['a key in both roles', (r) => r.listKeys.keys.push(r.rootKeys.keys[0]!)],
    ['a threshold that cannot be met', (r) => (r.listKeys.threshold = 4)],
    ['a threshold of none', (r) => (r.listKeys.threshold = 0)],
    ['an end before its beginning', (r) => (r.expires = '2020-01-01T00:00:00Z')],
    ['a fraction as version', (r) => (r.version = 1.5)],
  ])('is refused with %s', (_what, change) => {
    expect(openFirstRoot(rewritten(o.rootFile, o.rootKeys, change))).toMatchObject({ ok: false, why: 'unreadable' });
  });

  it('ends', () => {
    expect(rootExpired(o.root, NOW + 365 * DAY_MS - 1)).toBeUndefined();
    expect(rootExpired(o.root, NOW + 365 * DAY_MS)).toMatchObject({ why: 'expired' });
  });
});

describe('rotation', () => {
  const two = o.rootKeys.slice(0, 2);

  it('takes N+1 signed by a threshold of the old and of the new keys', () => {
    const made = rotateRoot(o.root, two, { ...PLAN, replaceRootKeys: true, replaceListKeys: true });
    const next = openNextRoot(o.root, made.file);
    expect(next.ok && next.value.version).toBe(2);
    expect(next.ok && [...next.value.listKeys.keys.keys()].some((id) => o.root.listKeys.keys.has(id))).toBe(false);
  });

  it('refuses one old key, one old key twice, and new keys alone', () => {
    const plan = { ...PLAN, replaceRootKeys: true };
    for (const signers of [[two[0]!], [two[0]!, two[0]!], [], [newKey('root'), newKey('root')]]) {
      expect(openNextRoot(o.root, rotateRoot(o.root, signers, plan).file)).toMatchObject({
        ok: false,
        why: 'unsigned',
      });
    }
  });

  it('refuses a root that its own new keys did not sign', () => {
    const made = rotateRoot(o.root, two, { ...PLAN, replaceRootKeys: true });
    const onlyOld = two.reduce(addSignature, { bytes: made.file.bytes, signatures: '' });
    expect(openNextRoot(o.root, onlyOld)).toMatchObject({ ok: false, why: 'unsigned' });
    const oneNew = addSignature(onlyOld, made.newKeys[0]!);
    expect(openNextRoot(o.root, oneNew)).toMatchObject({ ok: false, why: 'unsigned' });
    expect(openNextRoot(o.root, addSignature(oneNew, made.newKeys[1]!)).ok).toBe(true);
  });

  it('refuses N+2, N and N-1 with what to do', () => {
    const second = rotateRoot(o.root, two, PLAN).file;
    const next = openNextRoot(o.root, second);
    if (!next.ok) throw new Error(next.detail);
    const third = rotateRoot(next.value, two, PLAN).file;
    expect(openNextRoot(o.root, third)).toMatchObject({
      why: 'no trust',
      detail: expect.stringContaining('install version 2 first') as string,
    });
    expect(openNextRoot(next.value, second)).toMatchObject({ ok: false, why: 'rolled back' });
    expect(openNextRoot(next.value, o.rootFile)).toMatchObject({ ok: false, why: 'rolled back' });
    expect(openNextRoot(next.value, third).ok).toBe(true);
  });

  it('every flipped byte of a rotation is refused', () => {
    const { bytes, signatures } = rotateRoot(o.root, two, PLAN).file;
    for (let i = 0; i < bytes.length; i++) {
      const flipped = bytes.slice();
      flipped[i]! ^= 1;
      expect(openNextRoot(o.root, { bytes: flipped, signatures }).ok).toBe(false);
    }
  });
});
