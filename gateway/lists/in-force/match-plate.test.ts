import { describe, expect, it } from 'vitest';
import type { ListEntry } from '../../contracts/list.ts';
import type { CharChoice, PlateRead } from '../../contracts/plate.ts';
import { checkEntry } from '../entry.ts';
import { byKey, DAY_MS, entry, NOW, random, read } from '../lists.fixtures.ts';
import { localTimeIn, isInForce } from './entry-in-force.ts';
import type { EntriesByKey } from './packed.ts';
import { matchPlate, REAL_PROBABILITY } from './match-plate.ts';
import { formOf, normalisePlate } from '../../contracts/plate-text.ts';
import type { EntryText } from '../entry.ts';

function entries(...plates: string[]): ListEntry[] {
  return plates.map((plate, i) => opened(`E-${i + 1}`, plate));
}
function opened(id: string, plate: string, more: Partial<EntryText> = {}): ListEntry {
  const checked = checkEntry('plate-list', entry(id, plate, more));
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.entry;
}
const where = { lane: 'north', now: NOW, localTime: localTimeIn('Asia/Shanghai') };
const at = (position: number, character: string, probability: number): CharChoice => ({
  position,
  character,
  probability,
});
function look(listed: string, plate: string, more: Partial<PlateRead> = {}): string | undefined {
  return matchPlate(byKey(entries(listed)), read(plate, more), where)?.certainty;
}

describe('a plate on the list', () => {
  it('is exact when every character agrees, for every form', () => {
    for (const plate of [
      '皖A12345',
      '皖A1234警',
      '皖A1234学',
      '粤Z1234港',
      '粤Z1234澳',
      '皖A1234挂',
      '沪A1234领',
      '京A1234使',
    ]) {
      expect(look(plate, plate)).toBe('exact');
    }
    for (const plate of [
      '皖AD12345',
      '皖AFK2345',
      '皖A12345D',
      '使014578',
      '014578使',
      '沪01234领',
      'WJ京12345',
      'WJ皖1234B',
    ]) {
      expect(look(plate, plate)).toBe('exact');
    }
  });

  it('is possible for one character that readers confuse', () => {
    expect(look('皖A12B45', '皖A12845')).toBe('possible');
    expect(look('皖A0Q345', '皖A00345')).toBe('possible');
    expect(look('皖H12345', '皖M12345')).toBe('possible');
    expect(look('皖A12345', '皖AT2345')).toBe('possible');
  });

  it('is possible when the province alone differs', () => {
    expect(look('皖A12345', '苏A12345')).toBe('possible');
    expect(look('皖A12345', '苏A12845')).toBeUndefined();
    // The armed police have it third; on a mission's plate the first character is a digit like the others.
    expect(look('WJ京12345', 'WJ津12345')).toBe('possible');
    expect(look('WJ京12345', 'WJ津12845')).toBeUndefined();
    expect(look('014578使', '914578使')).toBeUndefined();
  });

  it('is nothing for a difference that no reader makes', () => {
    expect(look('皖A12345', '皖A12346')).toBeUndefined();
    expect(look('皖A12345', '皖A1234')).toBeUndefined();
    expect(look('皖A12345', '皖AD12345')).toBeUndefined();
  });

  it('is possible for any other character that this read itself found probable, and only then', () => {
    expect(look('皖A12346', '皖A12345', { alternatives: [at(6, '6', REAL_PROBABILITY)] })).toBe('possible');
    expect(look('皖A12346', '皖A12345', { alternatives: [at(6, '6', REAL_PROBABILITY - 0.01)] })).toBeUndefined();
    expect(look('皖A12346', '皖A12345', { alternatives: [at(5, '6', 0.4)] })).toBeUndefined();
    expect(look('皖A12377', '皖A12345', { alternatives: [at(5, '7', 0.4), at(6, '7', 0.4)] })).toBeUndefined();
  });

  it('keeps to what may stand at a place', () => {
    // New energy, small: digits only at the end, so the 8 there is never a B, whatever the reader says.
    expect(formOf('皖AD1234B')).toBeUndefined();
    const smuggled = byKey(entries('皖AD18348').map((e) => ({ ...e, key: '皖AD1B348' })));
    expect(matchPlate(smuggled, read('皖AD18348', { alternatives: [at(4, 'B', 0.4)] }), where)).toBeUndefined();
    expect(look('皖ADB8348', '皖AD88348', { alternatives: [at(3, 'B', 0.3)] })).toBe('possible');
    expect(look('皖A1234学', '皖A1234警', { alternatives: [at(6, '学', 0.4)] })).toBeUndefined();
    expect(look('粤Z1234港', '粤Z12340', { alternatives: [at(6, '港', 0.4)] })).toBeUndefined();
    expect(look('粤Z1234港', '粤Z1234澳', { alternatives: [at(6, '港', 0.4)] })).toBeUndefined();
    expect(look('粤Z1B34港', '粤Z1834港')).toBe('possible');
  });

  it('of several possible ones, is the one that the reader found most probable; an exact one comes first', () => {
    const index = byKey(entries('皖A12B45', '皖A123H5', '皖A12345'));
    const sure = { alternatives: [at(4, 'B', 0.2), at(5, 'H', 0.3)] };
    expect(matchPlate(index, read('皖A128N5', sure), where)).toBeUndefined();
    expect(matchPlate(index, read('皖A12345', sure), where)).toMatchObject({
      certainty: 'exact',
      entry: { id: 'E-3' },
    });
    const two = byKey(entries('皖A12B45', '皖A128H5', '苏A12845'));
    expect(matchPlate(two, read('皖A12845', sure), where)).toMatchObject({
      entry: { id: 'E-2' },
      certainty: 'possible',
    });
  });

  it('matches no read of band reject, and reads of band check', () => {
    expect(look('皖A12345', '皖A12345', { band: 'reject' })).toBeUndefined();
    expect(look('皖A12345', '皖A12345', { band: 'check' })).toBe('exact');
  });

  it('holds in its time, at its lanes and hours only', () => {
    const e = opened('E-1', '皖A12345');
    expect(isInForce(e, { ...where, now: e.validFrom - 1 })).toBe(false);
    expect(isInForce(e, { ...where, now: e.validFrom })).toBe(true);
    expect(isInForce(e, { ...where, now: e.validUntil })).toBe(false);
    const south = opened('E-2', '皖A12345', { lanes: ['south'] });
    expect(isInForce(south, where)).toBe(false);
    expect(isInForce(south, { ...where, lane: 'south' })).toBe(true);
    // 12:00 UTC is 20:00 in Shanghai.
    expect(isInForce(opened('E-3', '皖A12345', { hours: { from: '20:00', to: '20:01' } }), where)).toBe(true);
    expect(isInForce(opened('E-4', '皖A12345', { hours: { from: '19:00', to: '20:00' } }), where)).toBe(false);
    const night = opened('E-5', '皖A12345', { hours: { from: '22:00', to: '06:00' } });
    const hours = [0, 5, 9, 10, 15, 16, 21, 22, 23].map((h) =>
      isInForce(night, { ...where, now: NOW - (NOW % DAY_MS) + h * 3600_000 }),
    );
    // UTC hours 14 to 21 are 22:00 to 05:00 in Shanghai.
    expect(hours).toEqual([false, false, false, false, true, true, true, false, false]);
  });

  it('is found under a second entry when the first does not hold', () => {
    const index = byKey([opened('E-1', '皖A12345', { lanes: ['south'] }), opened('E-2', '皖A12345')]);
    expect(matchPlate(index, read('皖A12345'), where)?.entry.id).toBe('E-2');
  });
});

// ---------------------------------------------------------------- against a search through every entry

/** The rule of match-plate.ts written again the slow way, for its own sake. */
const PAIRS = '0D 0Q DQ 2Z 5S 8B 38 6G CL 1T 17 1J 7T 7Z HM HN HW MN MW NW EF VY 4A KX'.split(' ');
function slow(listed: string, r: PlateRead): boolean {
  if (listed.length !== r.text.length) return false;
  const differ = [...listed].flatMap((c, i) => (c === r.text[i] ? [] : [i]));
  if (differ.length === 0) return true;
  if (differ.length > 1 || !formOf(r.text) || formOf(listed) !== formOf(r.text)) return false;
  const i = differ[0]!;
  const [a, b] = [listed[i]!, r.text[i]!];
  if (formOf(listed)![i]!.startsWith('京津沪') || PAIRS.includes(a + b) || PAIRS.includes(b + a)) return true;
  return r.alternatives.some((c) => c.position === i && c.character === a && c.probability >= REAL_PROBABILITY);
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const ANY = '0123456789' + LETTERS;

/** Few characters, so that near plates are common. */
function plates(rnd: () => number, many: number): string[] {
  const pick = (set: string) => set[Math.floor(rnd() * set.length)]!;
  return Array.from({ length: many }, () => {
    const head = pick('皖苏') + pick('ADH');
    const kind = rnd();
    if (kind < 0.6) return head + pick('0D18B') + pick('0Q8B3') + pick('12') + pick('5S6') + pick('MNHW');
    if (kind < 0.8) return head + pick('DF') + pick('8B3') + pick('01') + pick('17') + pick('12') + pick('08');
    return head + pick('08') + pick('17') + pick('12') + pick('5') + pick('警学');
  });
}

type Matcher = (index: EntriesByKey, r: PlateRead, listed: readonly string[]) => boolean;

function disagreements(matcher: Matcher, rounds: number): number {
  const rnd = random(20261121);
  let wrong = 0;
  for (let round = 0; round < rounds; round++) {
    const listed = [...new Set(plates(rnd, 40))];
    const index = byKey(entries(...listed));
    for (const text of plates(rnd, 60)) {
      const alternatives = Array.from({ length: 3 }, () =>
        at(Math.floor(rnd() * text.length), ANY[Math.floor(rnd() * ANY.length)]!, rnd() * 0.3),
      );
      const r = read(text, { alternatives });
      if (matcher(index, r, listed) !== listed.some((plate) => slow(plate, r))) wrong++;
    }
  }
  return wrong;
}

describe('the index', () => {
  it('finds what a search through every entry finds, and nothing else', () => {
    expect(disagreements((index, r) => matchPlate(index, r, where) !== undefined, 40)).toBe(0);
  });

  it('(that test would catch a matcher that forgets the province, the alternatives, or the form)', () => {
    const without = (more: Partial<PlateRead>) => (index: EntriesByKey, r: PlateRead) =>
      matchPlate(index, { ...r, ...more }, where) !== undefined;
    const anyOne: Matcher = (_index, r, listed) =>
      listed.some((p) => p.length === r.text.length && [...p].filter((c, i) => c !== r.text[i]).length <= 1);
    expect(disagreements(without({ alternatives: [] }), 10)).toBeGreaterThan(0);
    expect(disagreements((index, r) => index.get(r.text) !== undefined, 10)).toBeGreaterThan(0);
    expect(disagreements(anyOne, 10)).toBeGreaterThan(0);
  });

  it('never matches at two differences, whatever the alternatives say', () => {
    const rnd = random(7);
    for (const listed of plates(rnd, 300)) {
      const form = formOf(listed)!;
      const [i, j] = [Math.floor(rnd() * listed.length), Math.floor(rnd() * listed.length)];
      if (i === j) continue;
      const changed = [...listed];
      for (const k of [i, j]) changed[k] = [...form[k]!].find((c) => c !== listed[k]) ?? changed[k]!;
      if (changed.filter((c, k) => c !== listed[k]).length < 2) continue;
      const alternatives = [...listed].map((c, k) => at(k, c, 0.49));
      expect(look(listed, changed.join(''), { alternatives })).toBeUndefined();
      // One of the two put right, it is possible: the test does look at near misses.
      changed[i] = listed[i]!;
      if (formOf(changed.join('')) === form) expect(look(listed, changed.join(''), { alternatives })).toBe('possible');
    }
  });

  it('asks the index the same number of times for one entry as for ten thousand', () => {
    const count = (size: number) => {
      const index = byKey(Array.from({ length: size }, (_, i) => opened(`E-${i}`, `皖B${String(i).padStart(5, '0')}`)));
      let asked = 0;
      const counting = { get: (key: string) => (asked++, index.get(key)) };
      matchPlate(counting, read('苏AXK8B0'), where);
      return asked;
    };
    expect(count(10_000)).toBe(count(1));
    expect(count(1)).toBeLessThan(60);
  });
});

describe('plates as people write them', () => {
  it.each(['皖A·12345', ' 皖a 12345', '皖A-12345', '皖Ａ１２３４５', '皖A•12345', '皖A12345'])('%s', (written) => {
    expect(normalisePlate(written)).toEqual({ plate: '皖A12345' });
  });

  it.each(['WJ京12345', 'wj·京 12345', 'ＷＪ京１２３４５'])('%s', (written) => {
    expect(normalisePlate(written)).toEqual({ plate: 'WJ京12345' });
  });

  it.each([
    '',
    'B54321',
    '皖A1234',
    '皖A123456',
    '皖AO2345',
    '皖I12345',
    '皖A12345警',
    '京A1234超',
    '皖皖12345',
    '皖A1234港',
    '01457使',
    'WJ12345',
    'WJ京1234A',
    'WJ京123456',
  ])('refuses %j without repeating it', (written) => {
    const result = normalisePlate(written);
    expect(result).toHaveProperty('expected');
    if (written !== '') expect(JSON.stringify(result)).not.toContain(written);
  });
});
