import { describe, expect, it } from 'vitest';
import {
  hikvisionHeartbeat,
  hikvisionPush,
  hikvisionXml,
  type HikvisionOptions,
  type Push,
  type SeenVehicle,
} from '../../../simulators/devices/plate-camera/push.ts';
import type { BodyParser, PushMessage } from '../push/codec.ts';
import { fieldMappingOf } from '../push/config.ts';
import { JPEG, SEEN } from '../../../simulators/conformance/push.ts';
import { impossible, survivesMutations } from '../../../simulators/conformance/push-mutations.ts';
import { openHikvisionParser } from './codec.ts';

const KEYS = { confidenceScale: 100, timeZone: 'Asia/Shanghai', directions: { Forward: 'leaving' } } as const;
const reading = fieldMappingOf(KEYS, { forward: 'approaching', reverse: 'leaving' });
const open = ({ contentType }: Push): BodyParser => openHikvisionParser(contentType, reading);

function messageOf(push: Push): PushMessage {
  const collector = open(push);
  collector.feed(push.body);
  return collector.end();
}

function readOf(seen: Partial<SeenVehicle>, options: HikvisionOptions = {}): Extract<PushMessage, { kind: 'read' }> {
  const message = messageOf(hikvisionPush({ ...SEEN, ...seen }, options));
  if (message.kind !== 'read') throw new Error('no read');
  return message;
}

describe('messages of Hikvision cameras', () => {
  it('say nothing of driver and passengers', () => {
    const extraXml =
      '<pilotsafebelt>no</pilotsafebelt><uphone>yes</uphone><vehicleInfo><index>1</index></vehicleInfo>' +
      '<pilotAge>40</pilotAge><smoking>yes</smoking><originalLicensePlate>皖B1</originalLicensePlate>';
    const extraParts = { 'pilotPicture.jpg': JPEG, 'facePicture.jpg': JPEG };
    const message = readOf({ scenePicture: JPEG }, { extraXml, extraParts });
    expect(message).toEqual({
      kind: 'read',
      identity: ['02:00:00:00:00:01', '1', '2026-11-21T10:02:03.123+08:00', '皖A00001'],
      leftOut: [],
      read: {
        text: '皖A00001',
        capturedAt: SEEN.at.getTime(),
        colour: 'unknown',
        confidence: 0.98,
        direction: 'leaving',
        pictures: { scene: JPEG },
      },
    });
  });

  it.each(['', 'unknown', 'UNKNOWN', '无车牌', ' no plate '])('with the plate %j are heartbeats', (plate) => {
    expect(messageOf(hikvisionPush({ ...SEEN, plate }))).toEqual({ kind: 'heartbeat' });
  });

  it.each([true, 'history'] as const)('P3: that were kept say so (%s), and those of now do not', (late) => {
    expect(readOf({ late }).read.retransmitted).toBe(true);
    const live = hikvisionXml(SEEN).replace(
      '</eventState>',
      '</eventState><isDataRetransmission>false</isDataRetransmission>',
    );
    expect(readOf({}, { xml: live }).read).not.toHaveProperty('retransmitted');
    expect(readOf({}).read).not.toHaveProperty('retransmitted');
  });

  it('of other events are heartbeats, whatever they hold', () => {
    expect(messageOf(hikvisionHeartbeat())).toEqual({ kind: 'heartbeat' });
    const xml = hikvisionXml(SEEN).replace('>ANPR</', '>fielddetection</');
    expect(messageOf(hikvisionPush(SEEN, { xml }))).toEqual({ kind: 'heartbeat' });
  });

  it.each([
    ['newEnergyGreen', 'green'],
    ['newEnergyYellowGreen', 'yellow-green'],
    ['YELLOW', 'yellow'],
    ['civilAviationBlack', 'unknown'],
    ['constructor', 'unknown'],
    [undefined, 'unknown'],
  ])('colour %s is %s', (colour, expected) => {
    expect(readOf(colour === undefined ? {} : { colour }).read.colour).toBe(expected);
  });

  it('leave out what cannot be used, and say what', () => {
    const message = readOf({ confidence: 255, platePicture: Buffer.from('<html>'), at: new Date(5000) });
    expect(message.read).not.toHaveProperty('confidence');
    expect(message.read).not.toHaveProperty('capturedAt');
    expect(message.read.pictures).toEqual({});
    expect(message.leftOut).toHaveLength(3);
  });

  it('without a zone are taken in the zone of the camera', () => {
    expect(readOf({}, { withoutZone: true }).read.capturedAt).toBe(SEEN.at.getTime());
  });

  it('without a time are repeats of nothing', () => {
    const xml = hikvisionXml(SEEN).replace(/<dateTime>.*<\/dateTime>/, '');
    expect(messageOf(hikvisionPush(SEEN, { xml }))).toMatchObject({ kind: 'read', identity: undefined });
  });

  it('keep a plate as it is written, references resolved', () => {
    expect(readOf({ plate: '&#x7696;A&#183;00001' }).read.text).toBe('皖A·00001');
  });

  it.each([
    ['蓝', undefined, 'blue'],
    ['黄', 'unknown', 'yellow'],
    ['黄绿', 'green', 'yellow-green'],
    ['渐变绿', undefined, 'green'],
    // The colour in the plate counts before the field; an unknown one says nothing.
    ['绿', 'blue', 'green'],
    ['未知', 'blue', 'blue'],
  ])('P1: the colour %s inside the plate goes before the look-up, and counts (field: %s)', (word, colour, expected) => {
    const { read, identity } = readOf(colour === undefined ? {} : { colour }, { colourInPlate: word });
    expect([read.text, read.colour, identity?.at(-1)]).toEqual(['皖A00001', expected, '皖A00001']);
  });

  it.each<[string, Push, string]>([
    ['no event', hikvisionPush(SEEN, { xml: '<EventNotificationAlert/>' }), 'EventNotificationAlert/eventType'],
    ['another root', hikvisionPush(SEEN, { xml: '<ResponseStatus/>' }), 'EventNotificationAlert/eventType'],
    ['no plate', hikvisionPush(SEEN, { xml: hikvisionXml(SEEN).replaceAll('licensePlate', 'x') }), 'ANPR/licensePlate'],
    ['a plate of 17', hikvisionPush({ ...SEEN, plate: '1'.repeat(17) }), '1 to 16 printable characters'],
    ['a plate that turns the line', hikvisionPush({ ...SEEN, plate: 'A\u202e1' }), '1 to 16 printable characters'],
    ['no UTF-8', hikvisionPush(SEEN, { xml: Buffer.from([0x3c, 0xff, 0xfe]) }), 'UTF-8'],
    ['70 kB of XML', hikvisionPush(SEEN, { xml: ' '.repeat(70_000) }), '65536 bytes'],
    ['70 kB of XML alone', hikvisionPush(SEEN, { xml: ' '.repeat(70_000), bare: true }), '65536 bytes'],
    ['5 MB of picture', hikvisionPush({ ...SEEN, platePicture: Buffer.alloc(5_000_000) }), '4194304 bytes'],
  ])('with %s are refused', (_, push, words) => {
    expect(() => messageOf(push)).toThrow(words);
  });

  const pictures = { platePicture: JPEG, scenePicture: Buffer.concat([JPEG, Buffer.alloc(200)]) };
  survivesMutations(
    [
      hikvisionPush({ ...SEEN, ...pictures, colour: 'blue' }),
      hikvisionPush({ ...SEEN, ...pictures }, { prefix: 'h:', picturesFirst: true }),
      hikvisionPush(SEEN, { bare: true }),
      hikvisionHeartbeat(),
    ],
    open,
  );

  it('that cannot be would be seen', () => {
    const { read, ...message } = readOf({});
    const wrong = [
      { text: '' },
      { text: 'a\u0000' },
      { confidence: 1.1 },
      { capturedAt: 0 },
      { pictures: { plate: Buffer.from('GIF8') } },
    ];
    for (const more of wrong) {
      expect(impossible({ ...message, read: { ...read, ...more } })).toBe(Object.keys(more)[0]);
    }
  });
});
