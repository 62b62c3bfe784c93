/** The policy of a site: in force only as the root keys signed it, for this site, in time, and never an older one. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { iso } from '../../contracts/time.ts';
import { verifyAudit } from '../../store/audit.ts';
import { testDb } from '../../store/db.fixtures.ts';
import type { Db } from '../../store/db.ts';
import { DAY_MS, NOW, office, SITE } from '../lists.fixtures.ts';
import { addSignature, type SecretKey } from '../office/sign.ts';
import { openPolicy, readPolicyText } from '../policy.ts';
import type { SignedFile } from '../signature.ts';
import { installRoot, replaceRoot } from './box-root.ts';
import { PolicyFile } from './policy-file.ts';

const o = office();
const signers = o.rootKeys.slice(0, 2);
const DEFAULT = { opinions: 2, rooms: [] };
let db: Db;
let path: string;
let now: number;

beforeEach(() => {
  db = testDb();
  path = join(tempFolder(), 'policy.json');
  now = NOW;
  expect(installRoot(db, o.rootFile, { now, who: 'test' }).ok).toBe(true);
});

function policy(more: object = {}, keys: readonly SecretKey[] = signers): SignedFile {
  const text = {
    _type: 'policy',
    spec: 1,
    site: SITE,
    version: 1,
    issued: iso(NOW),
    expires: iso(NOW + 90 * DAY_MS),
    opinions: 1,
    rooms: ['room'],
    ...more,
  };
  const bare = { bytes: new TextEncoder().encode(JSON.stringify(text)), signatures: '' };
  return keys.reduce(addSignature, bare);
}
function lay({ bytes, signatures }: SignedFile): void {
  writeFileSync(path, bytes);
  writeFileSync(`${path}.sig`, signatures);
}
const open = () => new PolicyFile({ db, site: SITE, path, now: () => now });
const whyNot = (file: PolicyFile) => (file.status.health!()['policy'] as { readonly why?: string }).why;

describe('the policy of a site', () => {
  it('is in force as it was signed, and says so once in the audit log', () => {
    lay(policy());
    for (let i = 0; i < 2; i++) expect(open().inForce()).toMatchObject({ opinions: 1, rooms: ['room'] });
    expect(open().status.problems!()).toEqual([]);
    expect(db.prepare("SELECT count(*) FROM audit WHERE what = 'policy in force'").pluck().get()).toBe(1);
    expect(verifyAudit(db).ok).toBe(true);
  });

  it('is written as docs/reviews.md shows it', () => {
    const text = readFileSync(new URL('../../../docs/reviews.md', import.meta.url), 'utf8');
    const sample = /```json\n(.*?)```/s.exec(text)?.[1] ?? '';
    expect(readPolicyText(Buffer.from(sample))).toMatchObject({ ok: true, value: { opinions: 1, rooms: ['room'] } });
  });

  it('says what it expected where something else was written', () => {
    const opened = readPolicyText(policy({ opinions: 3 }).bytes);
    expect(JSON.stringify(opened)).toMatch(/opinions Invalid option: expected one of 1\|2/);
  });

  it('is none without a file of that name in the configuration', () => {
    const none = new PolicyFile({ db, site: SITE, path: undefined, now: () => now });
    expect(none.inForce()).toEqual(DEFAULT);
    expect(none.status.problems!()).toEqual([]);
  });

  it.each<[string, string, () => void]>([
    ['it is missing', 'no list', () => undefined],
    ['it is unsigned', 'unsigned', () => lay(policy({}, []))],
    ['too few signed', 'unsigned', () => lay(policy({}, signers.slice(0, 1)))],
    ['list keys signed', 'unsigned', () => lay(policy({}, o.listKeys))],
    ['it was altered', 'altered', () => lay({ ...policy(), bytes: policy({ version: 9 }).bytes })],
    ['it is of another site', 'wrong site', () => lay(policy({ site: 'elsewhere' }))],
    ['it has run out', 'expired', () => lay(policy({ issued: iso(NOW - 9 * DAY_MS), expires: iso(NOW) }))],
    ['it begins later', 'expired', () => lay(policy({ issued: iso(NOW + DAY_MS) }))],
    ['it holds for years', 'unreadable', () => lay(policy({ expires: iso(NOW + 999 * DAY_MS) }))],
    ['it has a member that is not known', 'unreadable', () => lay(policy({ opinion: 1 }))],
    ['it wants no opinion', 'unreadable', () => lay(policy({ opinions: 0 }))],
  ])('is not in force where %s: the default rules hold, and there is an alarm', (_name, why, prepare) => {
    prepare();
    const file = open();
    expect(file.inForce()).toEqual(DEFAULT);
    expect(whyNot(file)).toBe(why);
    expect(file.status.problems!()).toMatchObject([{ key: 'policy', code: 'policy-not-in-force' }]);
    expect(file.status.problems!()[0]!.what).not.toContain('no list');
  });

  it('is never an older one, nor another one of the same version, over restarts', () => {
    lay(policy({ version: 2 }));
    expect(open().inForce()).toMatchObject({ opinions: 1 });
    for (const back of [policy({ version: 1 }), policy({ version: 2, rooms: [] })]) {
      lay(back);
      const file = open();
      expect([file.inForce(), whyNot(file)]).toEqual([DEFAULT, 'rolled back']);
    }
    lay(policy({ version: 3, opinions: 2 }));
    expect(open().inForce()).toMatchObject({ opinions: 2 });
  });

  it('ends where a person begins the root anew, under which version 1 is the next', () => {
    lay(policy({ version: 2 }));
    const file = open();
    const other = office();
    expect(replaceRoot(db, other.rootFile, { now, who: 'test' }).ok).toBe(true);
    file.turn();
    expect([file.inForce(), whyNot(file)]).toEqual([DEFAULT, 'unsigned']);
    lay(policy({}, other.rootKeys.slice(0, 2)));
    file.turn();
    expect(file.inForce()).toMatchObject({ opinions: 1 });
  });

  it('follows its file while the box runs, and ends by the clock', () => {
    const file = open();
    lay(policy());
    file.turn();
    expect(file.inForce()).toMatchObject({ opinions: 1 });
    now += 90 * DAY_MS;
    expect([file.inForce(), whyNot(file)]).toEqual([DEFAULT, 'expired']);
    now = NOW;
    rmSync(path);
    file.turn();
    expect(file.inForce()).toEqual(DEFAULT);
  });

  it('is tried again where the store took nothing', () => {
    lay(policy());
    db.exec(`CREATE TRIGGER planted BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'planted failure'); END`);
    const file = open();
    expect([file.inForce(), whyNot(file)]).toEqual([DEFAULT, 'not loaded']);
    db.exec('DROP TRIGGER planted');
    file.turn();
    expect(file.inForce()).toMatchObject({ opinions: 1 });
  });

  it('lets no flipped byte in (that test would catch a box that parses without verifying)', () => {
    const whole = policy();
    const accepted = (opener: (file: SignedFile) => { readonly ok: boolean }): number =>
      whole.bytes.filter((_, i) => {
        const bytes = whole.bytes.slice();
        bytes[i]! ^= 1;
        return opener({ ...whole, bytes }).ok;
      }).length;
    expect(accepted((file) => openPolicy(file, o.root, SITE))).toBe(0);
    expect(accepted((file) => readPolicyText(file.bytes))).toBeGreaterThan(0);
  });
});
