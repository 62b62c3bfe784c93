import { describe, expect, it } from 'vitest';
import { iso } from '../../gateway/contracts/time.ts';
import type { RoomMessage } from '../../gateway/contracts/instruction.ts';
import type { Json } from '../../gateway/contracts/base.ts';
import { SOURCE } from '../../simulators/conformance/relay.ts';
import {
  boxSource,
  decodeInstruction,
  downTopic,
  encodeInstruction,
  instructionId,
  parseEvent,
} from './instructions.codec.ts';
import { decodeAnswer, decodePoll, encodeAnswer, encodePoll } from './poll.codec.ts';
import { FROM } from '../../simulators/conformance/instructions.ts';
import { BOX, SITE } from '../../simulators/conformance/context.ts';

const TO = { site: SITE, box: BOX };
const NOW = Date.UTC(2026, 0, 1, 8);
const DAY = 86_400_000;
const ULID = '01KDQ5V7M0ZQ4X8T2B6N9C3R1A';
const head = { id: 'msg-1', at: NOW - 5_000, by: '李娜' };
const order = { text: '去桥头', to: ['cam-1', 'car-2'] };
const PLACE = { lat: 30.13, lon: 118.17, name: 'north bridge' };

const MESSAGES: readonly RoomMessage[] = [
  { ...head, kind: 'order', order },
  { ...head, kind: 'order', order: { text: 'a'.repeat(500), place: PLACE, to: { nearest: 2, role: 'officer' } } },
  { ...head, kind: 'order', order: { text: 'two\nlines', place: { lat: -90, lon: 180 }, to: { nearest: 100 } } },
  { ...head, kind: 'mode', mode: 'emergency', reason: 'landslide on the east road', until: NOW + 3_600_000 },
  { ...head, kind: 'mode', mode: 'normal', reason: 'the road is open again', until: head.at },
  { ...head, kind: 'sos acknowledged', sos: ULID },
  { ...head, kind: 'review', hit: ULID, outcome: 'dismissed', second: '王强' },
  {
    ...head,
    kind: 'opinion',
    hit: ULID,
    judge: { serviceNumber: 'P0042', kind: 'police' },
    content: { verdict: 'dismiss', reason: 'plate-misread', opened: ['a'.repeat(64)], characters: '8' },
  },
  { ...head, kind: 'erased', hit: ULID },
];

/** What is `undefined` is not there. */
const received = (event: object): unknown => JSON.parse(JSON.stringify(event)) as unknown;

describe('instructions', () => {
  it.each(MESSAGES)('come back as they were: $kind', (message) => {
    const wire = JSON.stringify(encodeInstruction(message, { ...FROM, expires: NOW + 1 }));
    expect(decodeInstruction(parseEvent(Buffer.from(wire)), TO, { now: NOW })).toEqual({
      ...message,
      expires: NOW + 1,
    });
  });

  it('say one service number in one way, however it is written', () => {
    const wire = encodeInstruction(MESSAGES[7]!, FROM);
    const data = { ...(wire['data'] as object), serviceNumber: ' ｐ0042 ' };
    expect(decodeInstruction({ ...wire, data }, TO, { now: NOW })).toMatchObject({ judge: { serviceNumber: 'P0042' } });
  });

  it('are CloudEvents', () => {
    expect(encodeInstruction(MESSAGES[5]!, { ...FROM, expires: NOW })).toEqual({
      specversion: '1.0',
      id: 'msg-1',
      source: '/rooms/east',
      type: 'io.sitebox.down.sos-acknowledged.v1',
      subject: 'box-001',
      time: '2026-01-01T07:59:55.000Z',
      expirytime: '2026-01-01T08:00:00.000Z',
      datacontenttype: 'application/json',
      data: { sos: ULID, by: '李娜' },
    });
    expect(downTopic(TO)).toBe('down/v1/demo/box-001/#');
    expect(downTopic(TO, 'sos acknowledged')).toBe('down/v1/demo/box-001/sos-acknowledged');
    expect(boxSource(TO)).toBe(SOURCE);
  });

  const good = encodeInstruction(MESSAGES[0]!, FROM);
  it('may have further attributes', () => {
    expect(decodeInstruction({ ...good, traceparent: '00-1' }, TO, { now: NOW })).toMatchObject(MESSAGES[0]!);
  });

  it.each<[string, Readonly<Record<string, Json | undefined>>, RegExp]>([
    [
      'another version',
      { specversion: '0.3' },
      /^the instruction's specversion is not as expected: exactly the text 1\.0$/,
    ],
    ['no id', { id: undefined }, /instruction's id /],
    ['an id with a space', { id: 'a b' }, /instruction's id .*visible ASCII/],
    ['a long id', { id: 'a'.repeat(65) }, /instruction's id .*1 to 64/],
    ['no source', { source: '' }, /instruction's source /],
    ['this box as its source', { source: SOURCE }, /source is this box: it went in a circle/],
    ['no time', { time: 'soon' }, /instruction's time .*RFC 3339/],
    ['another box', { subject: 'box-002' }, /subject is another box/],
    ['no box', { subject: undefined }, /instruction's subject /],
    ['another content', { datacontenttype: 'text/xml' }, /instruction's datacontenttype /],
    ['no data', { data: undefined }, /instruction's data/],
    ['an end that has come', { expirytime: iso(NOW) }, /^the instruction has expired$/],
    ['an end that is no time', { expirytime: 'later' }, /instruction's expirytime /],
    ['an end too far away', { expirytime: iso(NOW + 8 * DAY) }, /valid for too long: .* within 7 days/],
    ['a beginning ahead', { time: iso(NOW + 6 * 60_000) }, /not valid yet: its time lies 360 s ahead/],
    ['an unknown type', { type: 'io.sitebox.down.order.v2' }, /type is none that this box knows/],
    ['a type of the way up', { type: 'io.sitebox.order.v1' }, /type is none/],
  ])('are refused with %s', (_name, change, why) => {
    expect(() => decodeInstruction(received({ ...good, ...change }), TO, { now: NOW })).toThrow(why);
  });

  it('expire by their own time, wherever the room is', () => {
    const wire = { ...good, expirytime: '2026-01-01T16:00:00.001+08:00' };
    expect(decodeInstruction(wire, TO, { now: NOW })).toMatchObject(MESSAGES[0]!);
    expect(() => decodeInstruction(wire, TO, { now: NOW + 1 })).toThrow(/expired/);
  });

  it('S7: need an end where the way does not prove when they were said, and hold for a week at most', () => {
    expect(() => decodeInstruction(received(good), TO, { now: NOW, endRequired: true })).toThrow(
      /expirytime is missing/,
    );
    expect(decodeInstruction(received(good), TO, { now: NOW }).expires).toBe(NOW + 7 * DAY);
    const wire = { ...good, expirytime: iso(NOW + 7 * DAY) };
    expect(decodeInstruction(wire, TO, { now: NOW, endRequired: true }).expires).toBe(NOW + 7 * DAY);
    const early = { ...wire, time: iso(NOW + 5 * 60_000) };
    expect(decodeInstruction(early, TO, { now: NOW, endRequired: true }).at).toBe(NOW + 5 * 60_000);
  });

  it('S4: bring no marks that turn around what people read, nor any that nobody sees', () => {
    const [, order] = MESSAGES;
    const data = {
      ...(encodeInstruction(order!, FROM)['data'] as object),
      text: 'close\u202e the\u200b path\n\u2066now',
      by: 'Room\u202e 1',
    };
    expect(decodeInstruction({ ...encodeInstruction(order!, FROM), data }, TO, { now: NOW })).toMatchObject({
      by: 'Room 1',
      order: { text: 'close the path\n now' },
    });
    expect(() =>
      decodeInstruction({ ...encodeInstruction(order!, FROM), data: { ...data, by: '\u202e' } }, TO, { now: NOW }),
    ).toThrow(/data\.by/);
  });

  const [, near, , mode, , sos, review, opinion] = MESSAGES;
  it.each<[string, RoomMessage, Readonly<Record<string, Json | undefined>>, RegExp]>([
    ['no text', near!, { text: ' \n' }, /data\.text .*1 to 500 characters/],
    ['too long a text', near!, { text: 'a'.repeat(501) }, /data\.text .*1 to 500/],
    ['control characters', near!, { text: 'a\u001b[2J' }, /data\.text .*no control characters/],
    ['nobody', near!, { to: [] }, /data\.to .*1 to 100 different device ids/],
    ['too many', near!, { to: Array.from({ length: 101 }, (_, n) => `d-${n}`) }, /data\.to .*1 to 100/],
    ['one of them twice', near!, { to: ['a', 'a'] }, /data\.to .*different/],
    ['a wildcard', near!, { to: ['#'] }, /data\.to\.0 .*a device id/],
    ['none of the nearest', near!, { to: { nearest: 0 } }, /data\.to\.nearest .*1 to 100/],
    ['half a device', near!, { to: { nearest: 1.5 } }, /data\.to\.nearest .*whole number/],
    ['an unknown role', near!, { to: { nearest: 1, role: 'visitor' } }, /data\.to\.role .*officer, guard or volunteer/],
    ['a word as its target', near!, { to: 'all' }, /data\.to .*a list of 1 to 100 different/],
    ['the nearest to nowhere', near!, { place: undefined }, /data\.place .*what `nearest` is meant from/],
    ['half a place', near!, { place: { lat: 1 } }, /data\.place\.lon .*-180 to 180/],
    ['a place off the earth', near!, { place: { lat: 91, lon: 0 } }, /data\.place\.lat .*-90 to 90/],
    ['a place with more', near!, { place: { ...PLACE, alt: 1 } }, /data\.place has a member that is not known/],
    ['nobody who answers for it', near!, { by: '' }, /data\.by .*1 to 100/],
    ['more', near!, { fly: true }, /^the instruction's data has a member that is not known$/],
    ['an unknown mode', mode!, { mode: 'war' }, /data\.mode .*normal, heightened or emergency/],
    ['no reason', mode!, { reason: undefined }, /data\.reason /],
    ['too long a reason', mode!, { reason: 'a'.repeat(201) }, /data\.reason .*1 to 200/],
    ['lines in a reason', mode!, { reason: 'a\nb' }, /data\.reason .*no control/],
    ['no end', mode!, { until: undefined }, /data\.until is missing/],
    ['an end that is no time', mode!, { until: 'soon' }, /data\.until .*RFC 3339/],
    ['an end that is over', mode!, { until: '2025-12-31T00:00:00Z' }, /has expired: data\.until/],
    ['an id that is none', sos!, { sos: 'x' }, /data\.sos .*an id of this box/],
    ['a hit that is none', review!, { hit: 7 }, /data\.hit .*an id of this box/],
    ['an unknown outcome', review!, { outcome: 'arrested' }, /data\.outcome .*confirmed or dismissed/],
    ['one person twice', review!, { second: ' 李娜 ' }, /data\.second .*another person than `by`/],
    ['one person with a space that is not seen', review!, { second: '李\u200b娜' }, /data\.second .*another person/],
    ['one person', review!, { second: undefined }, /data\.second /],
    ['a verdict that is none', opinion!, { verdict: 'yes' }, /data\.verdict .*confirm or dismiss/],
    ['a reason that is none', opinion!, { reason: 'Because I say' }, /data\.reason .*a reason code/],
    ['no service number', opinion!, { serviceNumber: undefined }, /data\.serviceNumber .*3 to 20/],
    ['a service number that is none', opinion!, { serviceNumber: 'Li Na' }, /data\.serviceNumber .*3 to 20/],
    ['an unknown kind', opinion!, { kind: 'guard' }, /data\.kind .*police or auxiliary/],
    ['a picture that is no digest', opinion!, { opened: ['x'] }, /data\.opened\.0 .*digests/],
  ])('are refused with %s', (_name, message, change, why) => {
    const wire = encodeInstruction(message, FROM);
    const data = { ...(wire['data'] as object), ...change };
    expect(() => decodeInstruction(received({ ...wire, data }), TO, { now: NOW })).toThrow(why);
  });

  it('are refused when they are too large, no JSON, or no event, and then without what they say', () => {
    expect(() => parseEvent(Buffer.alloc(65_537, 0x20))).toThrow('the instruction is larger than 65536 bytes');
    expect(() => parseEvent(Buffer.from('{"secret'))).toThrow(/^the instruction is not JSON$/);
    for (const event of [null, [], 7, 'text', undefined]) {
      expect(() => decodeInstruction(event, TO, { now: NOW })).toThrow(/^the instruction is not as expected/);
      expect(instructionId(event)).toBeUndefined();
    }
    expect(instructionId({ id: 'a' })).toBe('a');
    expect(instructionId({ id: 'a b' })).toBeUndefined();
  });
});

describe('the poll', () => {
  it('comes back as it was', () => {
    const poll = { source: SOURCE, took: ['a', 'b'] };
    expect(decodePoll(encodePoll(poll))).toEqual(poll);
    expect(decodeAnswer(encodeAnswer([{ a: 1 }, 2]))).toEqual([{ a: 1 }, 2]);
    expect(decodeAnswer(encodeAnswer([]))).toEqual([]);
  });

  it('is answered with as many as fit, and never more than 16', () => {
    expect(decodeAnswer(encodeAnswer(Array(20).fill(1) as number[]))).toHaveLength(16);
    const large = Array(16).fill('皖'.repeat(3_000)) as string[];
    const text = encodeAnswer(large);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
    expect(decodeAnswer(text)).toHaveLength(7);
  });

  it.each([
    ['{"took":[]}', /the poll's source /],
    [`{"source":"${SOURCE}","took":"a"}`, /the poll's took .*a list/],
    [`{"source":"${SOURCE}","took":["a b"]}`, /the poll's took\.0 /],
    [`{"source":"${SOURCE}","took":${JSON.stringify(Array(17).fill('a'))}}`, /the poll's took .*at most 16/],
    ['took', /the poll is not JSON/],
  ])('is refused as %s', (text, why) => {
    expect(() => decodePoll(text)).toThrow(why);
  });
});
