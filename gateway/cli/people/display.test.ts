/** `sitebox person display` on a real store: the QR code that it prints is scanned, and its code works once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import jsqr from 'jsqr';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { codeOf, HERE, openPeopleRig, passwordOf } from '../../people/people.fixtures.ts';
import { run, type Outcome } from '../cli.fixtures.ts';
import { personCommand } from './person.ts';

let file: string;
let rig: ReturnType<typeof openPeopleRig>;
beforeEach(() => {
  rig = openPeopleRig();
  file = join(rig.folder, 'box.json');
  const lanes = [{ id: 'gate-1', kind: 'gate', readers: ['desk-1'] }];
  const readers = [{ id: 'desk-1', kind: 'sdt', port: '/dev/null' }];
  const listen = { host: '10.20.0.1', port: 8420 };
  const paths = { storage: { folder: rig.folder }, lists: { trust: 'root.json' } };
  writeFileSync(file, JSON.stringify({ site: 'demo', listen, ...paths, lanes, readers, upstream: [] }));
});
afterEach(() => rig.db.close());

function display(args: readonly string[], password: string): Promise<Outcome> {
  const secret = () => Promise.resolve(password);
  const terminal = () => ({ isInteractive: true, ask: secret, secret, close: () => undefined });
  return run(personCommand({ terminal }), ['display', ...args, '--config', file]);
}

const PX = 4;

/** What a camera reads off a terminal with a dark background. */
function scanned(out: string): string | undefined {
  const rows = out.split('\n').filter((line) => /^[ █▀▄]+$/.test(line) && line.trim() !== '');
  const dark = rows.flatMap((row) => ['█▀', '█▄'].map((light) => [...row].map((cell) => !light.includes(cell))));
  const side = dark[0]!.length;
  const pixels = new Uint8ClampedArray((side * PX) ** 2 * 4).fill(255);
  for (let y = 0; y < side * PX; y++)
    for (let x = 0; x < side * PX; x++)
      if (dark[Math.floor(y / PX)]?.[Math.floor(x / PX)])
        pixels.fill(0, (y * side * PX + x) * 4, (y * side * PX + x) * 4 + 3);
  return jsqr.default(pixels, side * PX, side * PX)?.data;
}

it('prints the address with the code as a QR code and as text; a second scan is refused in words of its own', async () => {
  await rig.person('100001', { roles: ['technician'] });
  const { code, out } = await display(['gate-1', '--by', '100001'], passwordOf('100001'));
  expect(code).toBe(0);
  const url = scanned(out);
  expect(out).toContain(`open ${url}\n`);
  expect(url).toMatch(/^https:\/\/10\.20\.0\.1:8420\/display\?code=[0-9a-z-]{34}$/);
  const typed = new URL(url!).searchParams.get('code')!;
  expect(codeOf(rig.sessions.openLane(typed, HERE))).toBe('ok');
  expect(codeOf(rig.sessions.openLane(typed, HERE))).toBe('code-used');
});

it('names another address where one is given, and refuses what is none', async () => {
  await rig.person('100001');
  const { out } = await display(['gate-1', '--by', '100001', '--at', 'https://gate-box.lan'], passwordOf('100001'));
  expect(scanned(out)).toMatch(/^https:\/\/gate-box\.lan\/display\?code=/);
  const wrong = await display(['gate-1', '--by', '100001', '--at', 'gate-box.lan'], '');
  expect([wrong.code, wrong.err]).toEqual([64, expect.stringContaining('expected an address such as')]);
});

it.each([
  ['a wrong password', 'gate-1', { roles: ['officer'] }, 'wrong', 1, 'service number or password is wrong'],
  ['an auditor', 'gate-1', { roles: ['auditor'] }, undefined, 1, 'made by officers and technicians'],
  ['a lane that is not there', 'gate-9', { roles: ['officer'] }, undefined, 1, 'no gate lane gate-9'],
] as const)('makes no code for %s', async (_what, lane, person, password, code, words) => {
  await rig.person('100001', person);
  const outcome = await display([lane, '--by', '100001'], password ?? passwordOf('100001'));
  expect([outcome.code, outcome.err]).toEqual([code, expect.stringContaining(words)]);
  expect(outcome.out).toBe('');
  expect(rig.db.prepare('SELECT count(*) FROM oneTimeCodes').pluck().get()).toBe(0);
});
