import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { loadPicture } from '../../../models/picture.ts';
import { people } from './people.ts';
import { cardOf, cardPhoto } from './card.ts';
import { decoderProgram, writePortraits } from './portraits.ts';

describe('the simulated decoder of card photos', () => {
  let folder: string;
  beforeAll(async () => {
    folder = tempFolder();
    await writePortraits(folder, { of: people.slice(0, 2) });
  });
  const decode = (photo: Uint8Array, where = folder) => spawnSync(decoderProgram, [where], { input: photo });

  it('turns the bytes of a card into the portrait of its holder', async () => {
    const { status, stdout } = decode(cardOf(people[1]!).photo);
    expect(status).toBe(0);
    expect(stdout.equals(readFileSync(join(folder, `${people[1]!.id}.bmp`)))).toBe(true);
    const { width, height } = await loadPicture(stdout);
    expect([width, height]).toEqual([102, 126]);
  });

  it('refuses with a reason whatever it does not know, and says nothing on standard output', () => {
    const stranger = cardPhoto('p99', 1);
    const outside = Buffer.from('simulated photo\n../../etc/passwd\n'.padEnd(1024, '\0'));
    const cases: [Uint8Array, string][] = [
      [new Uint8Array(1024), 'no photo of a simulated card'],
      [new Uint8Array(0), 'no photo of a simulated card'],
      [Buffer.alloc(1024, 0x0a), 'no photo of a simulated card'],
      [stranger, 'no portrait of this name'],
      [outside, 'names no portrait'],
    ];
    for (const [photo, reason] of cases) {
      const { status, stdout, stderr } = decode(photo);
      expect([status, stdout.length, stderr.toString()]).toEqual([1, 0, expect.stringContaining(reason)]);
    }
    const { status, stderr } = decode(stranger, join(folder, 'nowhere'));
    expect([status, stderr.toString()]).toEqual([1, expect.stringContaining('folder of the portraits')]);
  });
});
