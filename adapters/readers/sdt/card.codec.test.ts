import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cardBytes, numberOf, randomCard, type Card as Drawn } from '../../../simulators/devices/reader/cards.ts';
import { seeded } from '../../../simulators/scene/random.ts';
import { openSdtParser, frame } from './codec.ts';
import { decodeCard, type CardData } from './card.codec.ts';

/** A fictional card: text block as published in descriptions of the protocol, photo of zeros. */
const S1_TEXT =
  '4B6DD58B37682C6720002000200020002000200020002000200020002000310039003700310039003400390031003200330031004B6DD58B0177' +
  '4B6DD58B025E37682C67EF8D3100F753200020002000200020002000200020002000200020002000200020002000200020002000200020002000' +
  '2000200020003100310030003100300035003100390034003900310032003300310030003000320058004B6DD58B025E6C51895B405C20002000' +
  '20002000200020002000200020003200300032003000300031003000310032003000340030003000310030003100200020002000200020002000' +
  '200020002000200020002000200020002000200020002000';

const ascii = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const photo = Uint8Array.from({ length: 1024 }, (_, i) => i % 251);
const resident: Drawn = {
  kind: 'resident',
  number: numberOf('123456789012345'),
  validFrom: '20200101',
  validUntil: '20400101',
  photo,
};

function good(card: Drawn): CardData {
  const read = decodeCard(cardBytes(card));
  if (typeof read === 'string') throw new Error(read);
  return read;
}

describe('vector S1', () => {
  it('gives number and validity', () => {
    const text = Buffer.from(S1_TEXT, 'hex');
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      '3f6b09f4afedaf3991baa1307a5f0065414cc3db21de27bdb7b2c89237915a81',
    );
    const whole = frame(Buffer.concat([Buffer.from('00009001000400', 'hex'), text, new Uint8Array(1024)]));
    expect(whole.at(-1)).toBe(0xbd);
    expect(createHash('sha256').update(whole).digest('hex')).toBe(
      'd40f401939f67ae47ac1e472412ff6b2dc5cfe3f8e63a2b303b8ff03f41c1cff',
    );
    const cards: (CardData | string)[] = [];
    const parser = openSdtParser((a) => void (a.kind === 'reply' && cards.push(decodeCard(a.data))));
    for (let i = 0; i < whole.length; i += 97) parser.push(whole.subarray(i, i + 97));
    expect(cards).toHaveLength(1);
    const [card] = cards as CardData[];
    expect(ascii(card!.number)).toBe('11010519491231002X');
    expect(card).toMatchObject({ type: 'resident-card', validFrom: '20200101', validUntil: '20400101' });
    expect(card!.photo).toEqual(new Uint8Array(1024));
  });
});

describe('the four layouts', () => {
  it.each([
    ['resident', 'resident-card', 18],
    ['J', 'residence-permit', 18],
    ['I', 'permanent-resident-card', 15],
    ['Y', 'permanent-resident-card', 18],
  ] as const)('%s', (kind, type, length) => {
    const drawn = randomCard(seeded(3), kind);
    const card = good(drawn);
    expect(ascii(card.number)).toBe(drawn.number);
    expect(card.number).toHaveLength(length);
    expect(card).toMatchObject({ type, validFrom: '20200101', validUntil: '20400101' });
    expect(card.photo).toEqual(drawn.photo);
  });

  it('hold nothing but kind, number, validity and photo', () => {
    const card = good({ ...resident, name: '样本某某' });
    expect(Object.keys(card).sort()).toEqual(['number', 'photo', 'type', 'validFrom', 'validUntil']);
    expect(Buffer.from(JSON.stringify(card)).includes('样本')).toBe(false);
  });

  it('take a small x for a large one', () => {
    const number = Array.from({ length: 40 }, (_, i) => numberOf(String(100_000_000_000_000 + i))).find((n) =>
      n.endsWith('X'),
    )!;
    expect(ascii(good({ ...resident, number: number.replace('X', 'x') }).number)).toBe(number);
  });

  it('say nothing of an end where there is none', () => {
    const card = good({ ...resident, validUntil: '长期' });
    expect(card.validUntil).toBeUndefined();
    expect('validUntil' in card).toBe(false);
  });
});

describe('faults', () => {
  const wrongDigit = resident.number.slice(0, 17) + (resident.number.endsWith('1') ? '2' : '1');
  const fullWidth = [...resident.number].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join('');
  it.each<[string, Partial<Drawn>, string]>([
    ['a wrong check digit', { number: wrongDigit }, 'check digit'],
    ['a wrong check digit on J', { kind: 'J', number: wrongDigit }, 'check digit'],
    ['a wrong check digit on Y', { kind: 'Y', number: wrongDigit }, 'check digit'],
    ['no number', { number: '' }, 'garbled'],
    ['no number on I', { kind: 'I', number: '' }, 'garbled'],
    ['a number that is too short', { number: resident.number.slice(0, 17) }, 'garbled'],
    ['full-width digits', { number: fullWidth }, 'garbled'],
    ['full-width digits on I', { kind: 'I', number: fullWidth.slice(0, 15) }, 'garbled'],
    ['letters', { number: `AB${resident.number.slice(2)}` }, 'garbled'],
    ['small letters on I', { kind: 'I', number: 'uto123456789012' }, 'garbled'],
    ['a flag that is not known', { flag: 'Q' }, 'unknown document'],
    ['a full-width flag', { flag: 'Ｊ' }, 'unknown document'],
    ['31 February', { validFrom: '20200231' }, 'garbled'],
    ['month 13', { validUntil: '20401301' }, 'garbled'],
    ['an end before the beginning', { validUntil: '20191231' }, 'garbled'],
    ['no beginning', { validFrom: '' }, 'garbled'],
    ['no end at all', { validUntil: '' }, 'garbled'],
    ['长期 with a tail', { validUntil: '长期1' }, 'garbled'],
    ['长期 as the beginning', { validFrom: '长期' }, 'garbled'],
    ['full-width days', { validFrom: '２０２００１０１' }, 'garbled'],
  ])('%s', (_, change, fault) => expect(decodeCard(cardBytes({ ...resident, ...change }))).toBe(fault));

  it('another division of text and photo, or another length', () => {
    const bytes = cardBytes(resident);
    expect(decodeCard(bytes.with(1, 1))).toBe('garbled');
    expect(decodeCard(bytes.subarray(1))).toBe('garbled');
    expect(decodeCard(new Uint8Array(0))).toBe('garbled');
    expect(typeof decodeCard(bytes)).toBe('object');
  });

  it('the 15 characters of I have no check digit to fail', () =>
    expect(ascii(good({ ...resident, kind: 'I', number: 'UTO000000000001' }).number)).toBe('UTO000000000001'));
});
