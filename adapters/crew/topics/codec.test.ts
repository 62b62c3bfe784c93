/** Who may publish and subscribe where: each row of the table, and that everything else is denied. */
import { describe, expect, it, test } from 'vitest';
import type { CrewDevice } from '../../../gateway/contracts/crew.ts';
import { encodeTelemetry } from '../bodycam/codec.ts';
import { encodeTopology } from '../dji/codec.ts';
import { mayPublish, maySubscribe, readMessage, readTopic, writeMessage } from './codec.ts';

const CAM: CrewDevice = { id: 'cam-1', kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] };
const DRONE: CrewDevice = {
  id: 'drone-1',
  kind: 'drone',
  role: 'officer',
  protocol: 'dji',
  serials: ['RC1', 'DRONE1'],
};
const AT = Date.UTC(2026, 10, 21);

describe('publishing', () => {
  test.each([
    [CAM, 'bodycam/v1/cam-1/telemetry', 0, false],
    [CAM, 'bodycam/v1/cam-1/telemetry', 1, false],
    [CAM, 'bodycam/v1/cam-1/sos', 1, false],
    // C1: however it is sent.
    [CAM, 'bodycam/v1/cam-1/sos', 2, false],
    [CAM, 'bodycam/v1/cam-1/sos', 1, true],
    [CAM, 'bodycam/v1/cam-1/order', 1, false],
    [CAM, 'bodycam/v1/cam-1/status', 1, true],
    [DRONE, 'thing/product/DRONE1/osd', 0, false],
    [DRONE, 'thing/product/RC1/state', 0, false],
    [DRONE, 'sys/product/RC1/status', 1, false],
    [DRONE, 'thing/product/RC1/status', 1, false],
    [DRONE, 'thing/product/RC1/events', 1, false],
    [DRONE, 'thing/product/RC1/requests', 1, false],
  ])('allows %o on %s', (device, topic, qos, retain) => {
    expect(mayPublish(device, topic, qos, retain)).toBe(true);
  });

  test.each([
    ["another's", CAM, 'bodycam/v1/cam-2/sos', 1, false],
    ['the way down', CAM, 'bodycam/v1/cam-1/cmd', 1, false],
    ['retained telemetry', CAM, 'bodycam/v1/cam-1/telemetry', 0, true],
    ['QoS 2', CAM, 'bodycam/v1/cam-1/telemetry', 2, false],
    ['a call for another', CAM, 'bodycam/v1/cam-2/sos', 2, true],
    ['deeper', CAM, 'bodycam/v1/cam-1/sos/x', 1, false],
    ['another version', CAM, 'bodycam/v2/cam-1/sos', 1, false],
    ['another protocol', CAM, 'thing/product/cam-1/osd', 0, false],
    ['the broker’s own', CAM, '$SYS/broker', 0, false],
    ['a wildcard', CAM, 'bodycam/v1/+/sos', 1, false],
    ['nothing', CAM, '', 0, false],
    ['a name of every object', CAM, 'bodycam/v1/cam-1/constructor', 0, false],
    ['another serial', DRONE, 'thing/product/DRONE2/osd', 0, false],
    ['a command', DRONE, 'thing/product/DRONE1/services', 0, false],
    ['a setting', DRONE, 'thing/product/DRONE1/property/set', 0, false],
    ['flight control', DRONE, 'thing/product/DRONE1/drc/down', 0, false],
    ['retained', DRONE, 'thing/product/DRONE1/osd', 0, true],
    ['the answer', DRONE, 'sys/product/RC1/status_reply', 1, false],
  ])('denies %s', (_, device, topic, qos, retain) => {
    expect(mayPublish(device, topic, qos, retain)).toBe(false);
  });
});

describe('subscribing', () => {
  test.each([
    [CAM, 'bodycam/v1/cam-1/cmd'],
    [CAM, 'bodycam/v1/cam-1/#'],
    [DRONE, 'sys/product/RC1/status_reply'],
    [DRONE, 'thing/product/RC1/events_reply'],
    [DRONE, 'thing/product/RC1/requests_reply'],
    [DRONE, 'thing/product/RC1/status_reply'],
  ])('allows %o %s', (device, filter) => expect(maySubscribe(device, filter)).toBe(true));

  test.each([
    [CAM, '#'],
    [CAM, 'bodycam/#'],
    [CAM, 'bodycam/v1/+/cmd'],
    [CAM, 'bodycam/v1/cam-2/cmd'],
    [CAM, '$SYS/#'],
    [CAM, '$share/g/bodycam/v1/cam-1/cmd'],
    [DRONE, 'thing/product/DRONE1/services'],
    [DRONE, 'thing/product/DRONE1/property/set'],
    [DRONE, 'thing/product/DRONE1/drc/down'],
    [DRONE, 'thing/product/+/events_reply'],
    [DRONE, 'thing/product/RC1/#'],
    [DRONE, 'thing/product/RC1/events_reply/x'],
    [DRONE, 'sys/product/RC1/events_reply'],
    [{ ...DRONE, serials: ['+', '#', ''] }, 'thing/product/+/events_reply'],
    [{ ...DRONE, serials: ['+', '#', ''] }, 'thing/product//events_reply'],
    [DRONE, 'sys/product/RC2/status_reply'],
    [{ ...CAM, protocol: 'jt808' as const }, 'bodycam/v1/cam-1/cmd'],
  ])('denies %o %s', (device, filter) => expect(maySubscribe(device, filter)).toBe(false));
});

it('reads a message for the registered device, whatever the topic calls it', () => {
  const read = (topic: string, payload: Uint8Array, device: string) =>
    readMessage(readTopic(topic)!, payload, AT, device);
  expect(read('bodycam/v1/cam-1/telemetry', encodeTelemetry({ at: AT }), 'cam-1')).toMatchObject({
    report: { device: 'cam-1' },
  });
  const osd = new TextEncoder().encode('{"gateway":"RC1","data":{"latitude":30,"longitude":120}}');
  expect(read('thing/product/DRONE1/osd', osd, 'drone-1')).toMatchObject({ report: { device: 'drone-1' } });
  expect(read('thing/product/RC1/status', encodeTopology(AT, 't', ['DRONE1']), 'drone-1')).toMatchObject({
    presence: true,
    reply: { topic: 'thing/product/RC1/status_reply' },
  });
  expect(read('sys/product/RC1/status', encodeTopology(AT, 't', []), 'drone-1')).toMatchObject({ presence: false });
  expect(read('thing/product/RC1/osd', osd, 'drone-1')).toEqual({});
  expect(read('thing/product/RC1/requests', osd, 'drone-1')).toEqual({});
});

it('writes to devices that can show something, on their own topic', () => {
  const message = { kind: 'interval', id: 'M', seconds: 5 } as const;
  expect(writeMessage(CAM, message)).toMatchObject({ topic: 'bodycam/v1/cam-1/cmd' });
  expect(maySubscribe(CAM, writeMessage(CAM, message)!.topic)).toBe(true);
  expect(writeMessage(DRONE, message)).toBeUndefined();
});
