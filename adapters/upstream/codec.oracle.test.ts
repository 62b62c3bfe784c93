/** Our envelope against the SDK of CloudEvents: it takes what is written here, and what it writes is read here. */
import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../gateway/contracts/base.ts';
import type { Envelope } from '../../gateway/contracts/relay.ts';
import { decodeEvent, encodeEvent, encodePresence, EVENT_MEDIA_TYPE } from './codec.ts';

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const time = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
const data = fc.dictionary(
  fc.string().filter((key) => key !== 'evidence' && key !== '__proto__'),
  fc.jsonValue(),
  { maxKeys: 4 },
) as fc.Arbitrary<Readonly<Record<string, Json>>>;
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const envelopes: fc.Arbitrary<Envelope> = fc.record({
  id: name,
  source: fc.tuple(name, name).map(([site, box]) => `/sites/${site}/boxes/${box}`),
  type: fc.constant('io.sitebox.alarm.v1' as const),
  time: time.map((date) => date.getTime()),
  subject: word,
  sequence: fc.maxSafeNat(),
  data,
  evidence: fc.array(
    fc.record({
      what: fc.constant('plate' as const),
      sha256,
      mediaType: fc.constant('image/jpeg' as const),
      bytes: fc.uint8Array().map((b) => Buffer.from(b)),
    }),
    { maxLength: 3 },
  ),
});

/** Throws where it is no event of CloudEvents 1.0. */
function bySdk(text: string): CloudEvent<unknown> {
  const event = HTTP.toEvent({ headers: { 'content-type': EVENT_MEDIA_TYPE }, body: text });
  expect(event).toBeInstanceOf(CloudEvent);
  (event as CloudEvent<unknown>).validate();
  return event as CloudEvent<unknown>;
}

const attribute = fc.constantFrom(
  ...['specversion', 'id', 'type', 'time', 'subject', 'datacontenttype', 'sequence', 'data'],
);
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    ...[undefined, '', '1.0', '0.3', '0000000000000001', 'text/plain', 'application/JSON', '2026-02-30T00:00:00Z'],
    ...['2026-02-28T24:00:00Z', '2026-02-28T23:59:60Z', '2026-02-28T00:00:00+25:00', '2026-02-28T00:00Z'],
    ...['2026-02-28T00:00:00.123456789+08:00', '2026-02-28 00:00:00Z', '2026-02-28t00:00:00z'],
  ),
);

function isTaken(text: string, read: (text: string) => unknown): boolean {
  try {
    read(text);
    return true;
  } catch {
    return false;
  }
}

describe('CloudEvents and its SDK', () => {
  it('takes the events that are written here, and gives them back as they were', () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const text = encodeEvent(envelope);
        const event = bySdk(text);
        expect(JSON.parse(JSON.stringify(event))).toEqual(JSON.parse(text));
        expect(decodeEvent(HTTP.structured(event).body as string)).toEqual(decodeEvent(text));
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('takes our presence', () => {
    fc.assert(
      fc.property(name, fc.boolean(), name, time, (source, online, id, at) => {
        expect(bySdk(encodePresence(`/${source}`, online, id, at.getTime())).data).toEqual({ online });
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('takes every event with another attribute that is taken here', () => {
    fc.assert(
      fc.property(envelopes, attribute, value, (envelope, key, other) => {
        const text = JSON.stringify({ ...(JSON.parse(encodeEvent(envelope)) as object), [key]: other });
        if (isTaken(text, decodeEvent)) expect(isTaken(text, bySdk), text).toBe(true);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('on purpose: a source is a text here, which is compared, and a reference to a resource there', () => {
    const text = encodePresence('/sites/a b', true, '1', 0);
    expect([isTaken(text, decodeEvent), isTaken(text, bySdk)]).toEqual([true, false]);
  });
});
