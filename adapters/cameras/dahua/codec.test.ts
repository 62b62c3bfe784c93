import { describe, expect, it } from 'vitest';
import {
  dahuaHeartbeat,
  dahuaPush,
  type DahuaOptions,
  type Push,
  type SeenVehicle,
} from '../../../simulators/devices/plate-camera/push.ts';
import type { BodyParser, PushMessage } from '../push/codec.ts';
import { fieldMappingOf } from '../push/config.ts';
import { JPEG, SEEN } from '../../../simulators/conformance/push.ts';
import { survivesMutations } from '../../../simulators/conformance/push-mutations.ts';
import { openDahuaParser } from './codec.ts';

const KEYS = { confidenceScale: 255, timeZone: 'Asia/Shanghai', directions: {} } as const;
const reading = fieldMappingOf(KEYS, { obverse: 'approaching', reverse: 'leaving' });
const open = ({ path, contentType }: Push): BodyParser => openDahuaParser(path, contentType, reading);

function messageOf(push: Push): PushMessage {
  const collector = open(push);
  collector.feed(push.body);
  return collector.end();
}

function readOf(seen: Partial<SeenVehicle>, options: DahuaOptions = {}): Extract<PushMessage, { kind: 'read' }> {
  const message = messageOf(dahuaPush({ ...SEEN, ...seen }, options));
  if (message.kind !== 'read') throw new Error('no read');
  return message;
}

const withPlate = (plate: unknown): Push => dahuaPush(SEEN, { extra: { Plate: plate } });

describe('messages of Dahua cameras', () => {
  it('say nothing but what the schema names', () => {
    const people = {
      Driver: { Age: 40, SafeBelt: 'No', Phone: true },
      Face: { Content: 'AAAA' },
      DriverPic: { Content: 'AAAA' },
    };
    expect(readOf({ colour: 'Blue', scenePicture: JPEG }, { extra: people })).toEqual({
      kind: 'read',
      identity: ['ITC-1', '', '2026-11-21 10:02:03.123', '皖A00001'],
      leftOut: [],
      read: {
        text: '皖A00001',
        capturedAt: SEEN.at.getTime(),
        colour: 'blue',
        confidence: 250 / 255,
        direction: 'approaching',
        pictures: { scene: JPEG },
      },
    });
  });

  it('without a plate are heartbeats', () => {
    expect(messageOf(dahuaHeartbeat())).toEqual({ kind: 'heartbeat' });
    expect(messageOf(dahuaPush({ ...SEEN, plate: '' }))).toEqual({ kind: 'heartbeat' });
    expect(messageOf(withPlate({ PlateNumber: '皖A00001', IsExist: false }))).toEqual({ kind: 'heartbeat' });
    for (const PlateNumber of ['无牌车', '未识别', ' \u0000', null, undefined]) {
      expect(messageOf(withPlate({ PlateNumber }))).toEqual({ kind: 'heartbeat' });
    }
  });

  it('P1: give up the colour and the padding that stand in the plate', () => {
    const message = messageOf(withPlate({ PlateNumber: '皖A00001蓝\u0000\u0000', PlateColor: 'Other' }));
    expect(message).toMatchObject({ kind: 'read', read: { text: '皖A00001', colour: 'blue' } });
  });

  it('are used without what is odd or missing in them', () => {
    const odd = { SnapInfo: 'none', NormalPic: { Content: 5 }, CutoutPic: { Content: '%%%' } };
    const message = readOf({}, { extra: { Plate: { PlateNumber: '皖A00001', Confidence: '98' }, ...odd } });
    expect(message.read).toEqual({ text: '皖A00001', colour: 'unknown', direction: 'unknown', pictures: {} });
    expect(message.identity).toBeUndefined();
    expect(message.leftOut).toEqual(['its plate picture is no JPEG of at most 4 MiB']);
  });

  it.each([300, -1, 1e308])('a confidence of %d is none', (Confidence) => {
    const message = messageOf(withPlate({ PlateNumber: '皖A00001', Confidence }));
    expect(message).toMatchObject({ leftOut: ['its confidence is above confidenceScale'] });
  });

  it.each<[string, Push, string]>([
    ['no JSON', { ...dahuaPush(SEEN), body: Buffer.from('皖A00001') }, 'body: expected JSON'],
    ['no UTF-8', { ...dahuaPush(SEEN), body: Buffer.from([0x22, 0xff, 0x22]) }, 'UTF-8'],
    ['no object', { ...dahuaPush(SEEN), body: Buffer.from('[]') }, 'body: '],
    ['a plate of 17', withPlate({ PlateNumber: '1'.repeat(17) }), 'Picture.Plate.PlateNumber: expected 1 to 16'],
    ['a number as plate', withPlate({ PlateNumber: 5 }), 'Picture.Plate.PlateNumber: '],
    ['another type', { ...dahuaPush(SEEN), contentType: 'application/jsonp' }, 'Content-Type: expected'],
    ['eight million brackets', { ...dahuaPush(SEEN), body: Buffer.alloc(8_000_000, '[') }, 'at most 2000 braces'],
    ['two million numbers', { ...dahuaPush(SEEN), body: Buffer.alloc(4_000_000, '1,') }, 'at most 2000 braces'],
  ])('with %s are refused, without repeating it', (_, push, words) => {
    expect(() => messageOf(push)).toThrow(words);
    expect(() => messageOf(push)).not.toThrow('A00001');
  });

  it('may hold braces and quotes in their texts', () => {
    const odd = { PicName: '{[,'.repeat(5000) + '\\"\\\\"'.repeat(5000) + '\\', Content: '"{' };
    expect(readOf({}, { extra: { NormalPic: odd } }).read.text).toBe('皖A00001');
  });

  it('do not bring pictures of more than 4 MiB', () => {
    const large = Buffer.concat([JPEG, Buffer.alloc(5_000_000)]);
    expect(readOf({ scenePicture: large })).toMatchObject({
      leftOut: ['its scene picture is no JPEG of at most 4 MiB'],
      read: { pictures: {} },
    });
  });

  const pictures = { platePicture: JPEG, scenePicture: Buffer.concat([JPEG, Buffer.alloc(200)]) };
  const full = dahuaPush({ ...SEEN, ...pictures, colour: 'Blue' });
  survivesMutations([full, full, dahuaPush(SEEN, { scale: 100 }), dahuaHeartbeat()], open);
});
