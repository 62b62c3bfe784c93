/** Document lists as a duty officer makes and imports them: real files, a real store, pictures of nobody. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { ascii, draft, nobody } from '../../lists/lists.fixtures.ts';
import { farShot, portraitShot, twoShot } from '../../../simulators/scene/face-shots.ts';
import { openFacePainter, type FaceShot } from '../../../simulators/scene/face.ts';
import { people } from '../../../simulators/devices/gate/people.ts';
import { openDb } from '../../store/db.ts';
import { list } from '../cli.fixtures.ts';
import { onBox } from '../on-box.ts';
import { listsOf } from './box.ts';
import { checkPhotos, portraitsBy, type OpenPortraits } from './photos.ts';

const folder = tempFolder();
const before = process.cwd();
beforeAll(async () => {
  process.chdir(folder);
  for (const name of ['box', 'photos']) mkdirSync(name);
  writeFileSync(
    'box/box.yaml',
    `site: demo
storage: { folder: store }
lists: { trust: ../trust/root.json }
cameras: [{ id: north, kind: folder }]
lanes: [{ id: north-in, kind: road, cameras: [north] }]
`,
  );
  await list(['new-root', '--keys', '1']);
  const grey = sharp({ create: { width: 240, height: 300, channels: 3, background: '#808080' } });
  writeFileSync('photos/grey.png', await grey.png().toBuffer());
  writeFileSync('photos/grey.jpg', await grey.jpeg().toBuffer());
});
afterAll(() => {
  process.chdir(before);
});

const HEAD = 'id,number,category,legalBasis,issuer,authorisedBy,validFrom,validUntil,instruction,photo';
const row = (id: string, number: string, photo = '') =>
  `${id},${number},sought,Order 12/2026,Demo room,Officer 7,2026-01-01 00:00,2099-01-01 00:00,Ask.,${photo}`;
const table = (name: string, ...rows: string[]) => writeFileSync(name, [HEAD, ...rows, ''].join('\n'));
const SIGN = ['--type', 'doc-list', '--site', 'demo', '--offset', '+08:00', '--key', 'trust/list-1.key', '--yes'];
const sign = (name: string, ...more: string[]) => list(['sign', name, ...SIGN, ...more]);
const bring = (name: string, portraits?: OpenPortraits) =>
  list(['import', name, '--config', 'box/box.yaml', '--yes', '--by', 'Officer 9'], portraits);

/** Finds the second picture that it is shown unusable. */
const pickySecond: OpenPortraits = () => {
  let shown = 0;
  return Promise.resolve({
    check: () => Promise.resolve(++shown === 2 ? 'two faces, expected one' : undefined),
    close: () => Promise.resolve(),
  });
};
const noModels: OpenPortraits = () => Promise.reject(new Error('face/detect.onnx is missing; run ./setup'));

function lastImport(): unknown {
  const db = openDb('box/store');
  try {
    const sql = `SELECT detail FROM audit WHERE what = 'list imported' ORDER BY seq DESC LIMIT 1`;
    return JSON.parse((db.prepare(sql).get() as { detail: string }).detail);
  } finally {
    db.close();
  }
}

describe('a document list', () => {
  it('is made of a table with numbers, and neither list nor box holds one', async () => {
    const written = nobody(1).replace('19000101', '-19000101-');
    table('monday.csv', row('D-1', written), row('D-2', 'l898902c3', 'photos/grey.png'), row('D-3', nobody(2)));
    const signed = await sign('monday.csv', '--version', '7', '--root', 'trust/root.json');
    expect(signed).toMatchObject({ code: 0, err: '' });
    expect(signed.out).toContain('doc-list version 7 for site demo, 3 entries, 1 with a photo');
    expect(signed.out).toContain('The salt is new');
    expect(await bring('monday.list.json', pickySecond)).toMatchObject({ code: 0, err: '' });

    await onBox('box/box.yaml', async (box) => {
      const now = box.clock.trusted();
      const lists = listsOf(box, now);
      const look = async (number: string) => (await lists.lookUpDocument(ascii(number), 'gate', now)).match;
      expect((await look(nobody(1)))?.entry.id).toBe('D-1');
      expect((await look('L898902C3'))?.entry).toMatchObject({ id: 'D-2' });
      expect((await look('L898902C3'))?.entry.photo).toEqual(new Uint8Array(readFileSync('photos/grey.png')));
      expect(await look(nobody(3))).toBeUndefined();
    });
    const stored = readdirSync('box/store', { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile())
      .map((item) => join(item.parentPath, item.name));
    const holders = (text: string) => [...stored, 'monday.list.json'].filter((f) => readFileSync(f).includes(text));
    // The search does find what is there: the id of the entry.
    expect(holders('D-1').length).toBeGreaterThan(1);
    for (const number of [nobody(1), written, nobody(2), 'L898902C3', 'l898902c3']) expect(holders(number)).toEqual([]);
  });

  it('shows what really changed when the salt was kept, and says so when it was not', async () => {
    table('tuesday.csv', row('D-1', nobody(1)), row('D-2', 'L898902C4', 'photos/grey.png'), row('D-3', nobody(2)));
    const kept = await sign('tuesday.csv', '--version', '8', '--previous', 'monday.list.json', '--out', 'kept.json');
    expect(kept).toMatchObject({ code: 0, err: '' });
    expect(kept.out).not.toContain('salt');
    expect((await sign('tuesday.csv', '--version', '8', '--out', 'fresh.json')).code).toBe(0);
    const diff = ['--root', 'trust/root.json'];
    const small = await list(['diff', 'monday.list.json', 'kept.json', ...diff]);
    expect(small.out).toContain('(D-2: key changed)');
    expect(small.out).toContain('0 added, 1 changed, 0 withdrawn, 2 as before\n');
    expect(small.out).not.toContain('salt');
    const large = await list(['diff', 'monday.list.json', 'fresh.json', ...diff]);
    expect(large.out).toContain('0 added, 3 changed, 0 withdrawn, 0 as before\nThe list has a new salt');
  });

  it('is not given back as a table', async () => {
    const shown = await list(['show', 'monday.list.json', '--root', 'trust/root.json', '--csv']);
    expect(shown).toMatchObject({ code: 1, out: '', err: expect.stringContaining('holds digests') as string });
    const lines = await list(['show', 'monday.list.json', '--root', 'trust/root.json']);
    expect(lines.out).toMatch(/^D-2 {2}[0-9a-f]{12}… {2}sought .*\[photo, \d+ kB\]$/m);
  });

  it('may be a JSON array as well', async () => {
    const entry = { category: 'sought', legalBasis: 'Order 12/2026', issuer: 'Demo room', authorisedBy: 'Officer 7' };
    const times = { validFrom: '2026-01-01T00:00:00Z', validUntil: '2099-01-01T00:00:00Z', instruction: 'Ask.' };
    const good = { id: 'D-1', number: nobody(1), photo: 'photos/grey.jpg', ...entry, ...times };
    writeFileSync('good.json', JSON.stringify([good]));
    expect(await sign('good.json')).toMatchObject({ code: 0, err: '' });
    writeFileSync('bad.json', JSON.stringify([{ ...good, number: 11010519491231, photo: 'photos/none.jpg' }]));
    const bad = await sign('bad.json');
    expect(bad.err).toContain('entry 1: number is not text');
    expect(bad).toMatchObject({ code: 1, out: '' });
  });
});

const { plain: _plain, ...SOMEBODY } = draft('D-0', nobody(0));

describe('photos at the import', () => {
  it('that cannot be used are named, counted in the audit log, and keep nothing from being imported', async () => {
    const rows = [1, 2, 3].map((n) => row(`D-${n}`, nobody(n), 'photos/grey.jpg'));
    table('photos.csv', ...rows, row('D-4', nobody(4)));
    expect((await sign('photos.csv', '--version', '20')).code).toBe(0);
    const imported = await bring('photos.list.json', pickySecond);
    expect(imported.code).toBe(0);
    expect(imported.err.trim().split('\n')).toHaveLength(1);
    expect(imported.err).toMatch(/^warning: D-2: .*two faces, expected one.*number matches all the same/i);
    expect(lastImport()).toMatchObject({ version: 20, photos: 3, unusablePhotos: 1 });
  });

  it('that nobody can check are imported all the same, and that is said', async () => {
    table('unchecked.csv', row('D-1', nobody(1), 'photos/grey.jpg'));
    expect((await sign('unchecked.csv', '--version', '21')).code).toBe(0);
    const imported = await bring('unchecked.list.json', noModels);
    expect(imported).toMatchObject({
      code: 0,
      err: expect.stringContaining('not all checked (face/detect.onnx') as string,
    });
    expect(lastImport()).toMatchObject({ version: 21, photos: 1, unusablePhotos: null });
  });

  it('are judged by the face models of this box, in a thread', async () => {
    const painter = openFacePainter();
    const drawn = async (shot: FaceShot) => {
      const { data, width, height } = await painter.draw(shot);
      return new Uint8Array(
        await sharp(data, { raw: { width, height, channels: 3 } })
          .jpeg()
          .toBuffer(),
      );
    };
    const [seed, other] = [people[0]!.seed, people[1]!.seed];
    const good = await drawn(portraitShot(seed, { width: 240, height: 300 }));
    const grey = new Uint8Array(readFileSync('photos/grey.jpg'));
    const bytes = [
      good,
      grey,
      await drawn(twoShot(seed, other)),
      await drawn(farShot(seed, 25)),
      good.subarray(0, 300),
    ];
    const report = await checkPhotos(
      bytes.map((photo, i) => ({ ...SOMEBODY, id: `D-${i}`, key: `${i}`, photo })),
      portraitsBy(new URL('../../../models/worker.ts', import.meta.url)),
    );
    expect(report).toMatchObject({
      photos: 5,
      unusable: [{ entry: 'D-1' }, { entry: 'D-2' }, { entry: 'D-3' }, { entry: 'D-4' }],
    });
    expect(report.unchecked).toBeUndefined();
    const words = ['no face', 'two faces', 'pixels wide', 'picture'];
    for (const [i, { problem }] of report.unusable.entries()) expect(problem).toContain(words[i]);
    // The list keeps what was looked at: the thread wipes its own copy.
    expect(grey).toEqual(new Uint8Array(readFileSync('photos/grey.jpg')));
  });

  it('are not looked at where there are none: no thread is started', async () => {
    table('bare.csv', row('D-1', nobody(1)));
    expect((await sign('bare.csv', '--version', '22')).code).toBe(0);
    let opened = 0;
    const counting: OpenPortraits = () => (opened++, noModels());
    expect(await bring('bare.list.json', counting)).toMatchObject({ code: 0, err: '' });
    expect(opened).toBe(0);
  });
});

describe('mistakes in a table', () => {
  const mistyped = `${nobody(1).slice(0, 8)}5${nobody(1).slice(9)}`;
  it.each<[string, string, string, string]>([
    ['a number with a wrong digit', mistyped, '', 'number: has 18 characters that do not fit'],
    ['full-width digits', '１１０１０５１９４９', '', 'number: holds full-width characters'],
    ['a number that a spreadsheet rounded', '1.10105E+17', '', 'number: was rounded by the spreadsheet'],
    ['a number with another character', `${nobody(1)}<`, '', 'number: holds something else'],
    ['no number', '', '', 'number: is missing'],
    ['a photo that is not there', nobody(1), 'photos/zhang.png', 'photo: names a file that cannot be read'],
    ['a folder for a photo', nobody(1), 'photos', 'photo: names a file that cannot be read'],
    ['a photo that is no picture', nobody(1), 'box/box.yaml', 'photo: is neither a JPEG nor a PNG'],
    ['a photo that is too big', nobody(1), 'photos/big.png', 'photo: has more than 100 kB'],
  ])(
    '%s is named by row and column, never by its value, and nothing is signed',
    async (_what, number, photo, words) => {
      writeFileSync('photos/big.png', Buffer.concat([readFileSync('photos/grey.png'), Buffer.alloc(100_000)]));
      table('bad.csv', row('D-1', nobody(9)), row('D-2', number, photo));
      const bad = await sign('bad.csv');
      expect(bad).toMatchObject({ code: 1, out: '' });
      expect(bad.err).toContain(`bad.csv: row 3, ${words}`);
      expect(bad.err).toContain('1 mistake; nothing was signed');
      if (number !== '') expect(bad.err).not.toContain(number);
      if (photo !== '') expect(bad.err).not.toContain(photo);
      expect(() => statSync('bad.list.json')).toThrow('ENOENT');
    },
  );

  it('of the command are told: a salt for plates, a list before of another site or kind', async () => {
    table('good.csv', row('D-1', nobody(1)));
    const other = ['--type', 'doc-list', '--site', 'other', '--key', 'trust/list-1.key', '--offset', '+08:00'];
    const foreign = await list(['sign', 'good.csv', ...other, '--previous', 'monday.list.json']);
    expect(foreign).toMatchObject({ code: 1, err: expect.stringContaining('REFUSED (wrong site)') as string });
    const plates = ['--site', 'demo', '--key', 'trust/list-1.key', '--previous', 'monday.list.json'];
    expect(await list(['sign', 'good.csv', ...plates])).toMatchObject({
      code: 64,
      err: expect.stringContaining('the list before is a doc-list, this is a plate-list') as string,
    });
    expect(await sign('good.csv', '--previous', 'nowhere.json')).toMatchObject({ code: 1, out: '' });
  });
});
