import { describe, expect, it } from 'vitest';
import type { ListEntry } from '../../contracts/list.ts';
import { ascii, byKey, DAY_MS, draft, nobody, NOW, SALT } from '../lists.fixtures.ts';
import { localTimeIn } from './entry-in-force.ts';
import { matchDocument } from './match-document.ts';
import { digestNumber } from '../number.ts';

const where = { lane: 'gate', now: NOW, localTime: localTimeIn('Asia/Shanghai') };
const digestOf = (number: string) => digestNumber(ascii(number), SALT);
const listed = async (id: string, number: string, more: Record<string, unknown> = {}): Promise<ListEntry> => {
  const { plain, ...fields } = draft(id, number, more);
  return { ...fields, key: await digestOf(plain) };
};

/** How many of `numbers`, none of which is listed, does a look-up find? */
async function strangersFound(numbers: readonly string[], look: (number: string) => Promise<unknown>): Promise<number> {
  const found = await Promise.all(numbers.map(look));
  return found.filter((match) => match !== undefined).length;
}

describe('a document on the list', () => {
  it('is exact, and one character more, less or other is no match', async () => {
    const index = byKey([await listed('D-1', 'L898902C3')]);
    const look = async (number: string) => matchDocument(index, await digestOf(number), where);
    expect(await look('L898902C3')).toMatchObject({ certainty: 'exact', entry: { id: 'D-1' } });
    const others = [...'L898902C3'].flatMap((c, i) =>
      [...'0O8B'].filter((o) => o !== c).map((o) => `L898902C3`.slice(0, i) + o + `L898902C3`.slice(i + 1)),
    );
    const strangers = [...others, 'L898902C', 'L898902C33', '898902C3', 'L898902C3<'];
    expect(strangers.length).toBeGreaterThan(30);
    expect(await strangersFound(strangers, look)).toBe(0);
    // A look-up that forgives what readers confuse, as that of plates does, would be caught.
    const fold = (number: string) => number.replace(/[OQ]/g, '0').replace(/B/g, '8').replace(/S/g, '5');
    expect(await strangersFound(strangers, (number) => look(fold(number)))).toBeGreaterThan(0);
  });

  it('holds in its time, at its lanes and hours only', async () => {
    const digest = await digestOf(nobody(1));
    const at = async (more: Record<string, unknown>, here: Partial<typeof where> = {}) =>
      matchDocument(byKey([await listed('D-1', nobody(1), more)]), digest, { ...where, ...here })?.entry.id;
    expect(await at({})).toBe('D-1');
    expect(await at({ lanes: ['south'] })).toBeUndefined();
    expect(await at({ lanes: ['south', 'gate'] })).toBe('D-1');
    // 12:00 UTC is 20:00 in Shanghai.
    expect(await at({ hours: { from: '20:00', to: '06:00' } })).toBe('D-1');
    expect(await at({ hours: { from: '06:00', to: '20:00' } })).toBeUndefined();
    expect(await at({}, { now: NOW + 20 * DAY_MS })).toBeUndefined();
    expect(await at({}, { now: NOW - 30 * DAY_MS })).toBeUndefined();
  });

  it('is found under a second entry when the first does not hold, and under the first when both do', async () => {
    const two = [await listed('D-1', nobody(1), { lanes: ['south'] }), await listed('D-2', nobody(1))];
    const digest = await digestOf(nobody(1));
    expect(matchDocument(byKey(two), digest, where)?.entry.id).toBe('D-2');
    expect(matchDocument(byKey(two), digest, { ...where, lane: 'south' })?.entry.id).toBe('D-1');
  });
});
