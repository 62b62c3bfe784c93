import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../gateway/contracts/relay.ts';
import {
  acknowledges,
  decodeEvent,
  encodeAck,
  encodeEvent,
  encodePresence,
  MAX_EVENT_BYTES,
  topicOf,
} from './codec.ts';
import { decodeInstruction } from './instructions.codec.ts';

const sha = 'ab'.repeat(32);
const envelope: Envelope = {
  id: '01JD8Q0000000000000000TEST',
  source: '/sites/demo/boxes/box-001',
  type: 'io.sitebox.plate.hit.v2',
  time: Date.UTC(2026, 10, 21, 2, 2, 3),
  subject: 'lane-1',
  sequence: 42,
  data: { entry: 'E-0001', state: 'unreviewed' },
  evidence: [{ what: 'plate', sha256: sha, mediaType: 'image/jpeg', bytes: Buffer.from('jpeg') }],
};

describe('CloudEvents', () => {
  it('are written as the specification says', () => {
    expect(JSON.parse(encodeEvent(envelope))).toEqual({
      specversion: '1.0',
      id: '01JD8Q0000000000000000TEST',
      source: '/sites/demo/boxes/box-001',
      type: 'io.sitebox.plate.hit.v2',
      time: '2026-11-21T02:02:03.000Z',
      subject: 'lane-1',
      datacontenttype: 'application/json',
      sequence: '0000000000000042',
      data: {
        entry: 'E-0001',
        state: 'unreviewed',
        evidence: [{ what: 'plate', sha256: sha, mediaType: 'image/jpeg', bytes: 4 }],
      },
    });
  });

  it('come back as they were', () => {
    const back = decodeEvent(encodeEvent(envelope));
    const { evidence, data, ...rest } = back;
    expect({ ...envelope, evidence: 0, data: 0 }).toEqual({ ...rest, evidence: 0, data: 0 });
    expect(data).toMatchObject(envelope.data as object);
    expect(evidence).toEqual([{ what: 'plate', sha256: sha, mediaType: 'image/jpeg', bytes: 4 }]);
  });

  it('of presence have no sequence', () => {
    expect(decodeEvent(encodePresence('/s', false, 'id', 0))).toMatchObject({
      data: { online: false },
      sequence: undefined,
    });
  });

  const good = JSON.parse(encodeEvent(envelope)) as Record<string, unknown>;
  it.each([
    ['not JSON', '{', 'not JSON'],
    ['another version', JSON.stringify({ ...good, specversion: '0.3' }), 'specversion'],
    ['no id', JSON.stringify({ ...good, id: '' }), 'id'],
    ['a time that is none', JSON.stringify({ ...good, time: 'now' }), 'time'],
    [
      'evidence without digest',
      JSON.stringify({ ...good, data: { evidence: [{ what: 'plate' }] } }),
      'data.evidence.0',
    ],
    ['a list', '[]', 'form'],
    ['null', 'null', 'form'],
    ['64 KiB and more', JSON.stringify({ ...good, data: 'x'.repeat(MAX_EVENT_BYTES) }), 'larger'],
  ])('with %s are refused with the reason', (_name, text, why) => {
    expect(() => decodeEvent(text)).toThrow(why);
  });
});

describe('acknowledgements', () => {
  it('count only for the name they give', () => {
    expect(acknowledges(encodeAck('a'), 'a')).toBe(true);
    for (const body of [encodeAck('b'), '', 'null', '"a"', '{}', '<html>a</html>'])
      expect(acknowledges(body, 'a')).toBe(false);
  });
});

it('topics', () => {
  expect(topicOf('demo', 'box-001', 'io.sitebox.plate.hit.v2')).toBe('up/v1/demo/box-001/plate-hit');
  expect(topicOf('demo', 'box-001', 'io.sitebox.alarm.v1')).toBe('up/v1/demo/box-001/health');
  expect(topicOf('demo', 'box-001', 'io.sitebox.counts.v1')).toBe('up/v1/demo/box-001/counts');
});

/** What a maker of a command room copies from the document has to be what a box sends. */
it('examples of docs/upstream.md are events', () => {
  const text = readFileSync(new URL('../../docs/upstream.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```json\n([\s\S]*?)```/g)]
    .map((m) => m[1]!)
    .filter((b) => b.includes('specversion'));
  const up = [
    'plate.hit.v2',
    'document.hit.v2',
    'review.v1',
    'alarm.v1',
    'health.v1',
    'audit.v1',
    'counts.v1',
    'sos.v1',
    'order.v1',
    'alert.v1',
    'mode.v1',
    'instruction.v1',
    'device.v2',
    'account.v1',
    'handover.v1',
    'crew.v1',
    'health.v1',
  ];
  const down = ['order.v1', 'mode.v1', 'sos-acknowledged.v1', 'review.v2', 'review.v1', 'erased.v1'].map(
    (t) => `down.${t}`,
  );
  expect(blocks.map((b) => decodeEvent(b).type)).toEqual([...up, ...down].map((t) => `io.sitebox.${t}`));
  for (const block of blocks.slice(up.length)) {
    const then = decodeEvent(block).time;
    expect(
      decodeInstruction(JSON.parse(block), { site: 'demo', box: 'box-001' }, { now: then, endRequired: true }).at,
    ).toBe(then);
  }
  const hit = decodeEvent(blocks[0]!);
  expect(hit.evidence).toHaveLength(2);
  expect(hit.id).toBe((hit.data as { id: string }).id);
});
