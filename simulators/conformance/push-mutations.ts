/** Valid messages with random mistakes: each is refused in words or understood as something that can be; nothing else happens. */
import { expect, it } from 'vitest';
import { pick, seeded, type Random } from '../scene/random.ts';
import type { Push } from '../devices/plate-camera/push.ts';
import { MAX_PICTURE_BYTES, PushError, type BodyParser, type PushMessage } from '../../adapters/cameras/push/codec.ts';

/** What a parser is most likely to trip over. */
const TOKENS = [
  ...[
    '<!DOCTYPE a [<!ENTITY e "x">]>',
    '&e;',
    '&#x0;',
    '<![CDATA[',
    ']]>',
    '<!--',
    '<a>',
    '</ANPR>',
    '<ANPR>',
    '<?x?>',
  ],
  ...[
    '--MIME_boundary\r\n',
    '\r\n--MIME_boundary--',
    '\r\n\r\n',
    'Content-Disposition: form-data; name="anpr.xml"\r\n',
  ],
  ...[
    '{',
    '}',
    '[',
    '"',
    'null',
    '1e999',
    '-1',
    '"__proto__":{"a":1},',
    'constructor',
    '\\ud800',
    '\u0000',
    '\u202e',
    '皖',
  ],
].map((text) => Buffer.from(text));

export function mutated(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let i = Math.ceil(random() * 4); i > 0; i--) result = mutatedOnce(result, random);
  return result;
}

function mutatedOnce(bytes: Buffer, random: Random): Buffer {
  const at = Math.floor(random() * (bytes.length + 1));
  const to = Math.min(bytes.length, at + Math.ceil(random() * 40));
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  const noise = Buffer.from(piece.map(() => Math.floor(random() * 256)));
  const changes = [
    [before, noise, after],
    [before, after],
    [before, piece, piece, after],
    [before, pick(random, TOKENS), piece, after],
    [before, pick(random, TOKENS), after],
    [before],
    [after, piece, before],
  ];
  return Buffer.concat(pick(random, changes));
}

/** What is wrong with a message as such; undefined when a camera can have meant it. */
export function impossible(message: PushMessage): string | undefined {
  if (message.kind === 'heartbeat') return Object.keys(message).length === 1 ? undefined : 'more than a heartbeat';
  const { text, colour, direction, confidence, capturedAt, pictures } = message.read;
  const isIn = (least: number, x: number | undefined, most: number): boolean =>
    x === undefined || (x >= least && x <= most);
  if (!/^[^\p{C}]{1,16}$/u.test(text) || text.trim() !== text) return 'text';
  if (!['blue', 'yellow', 'green', 'yellow-green', 'white', 'black', 'unknown'].includes(colour)) return 'colour';
  if (!['approaching', 'leaving', 'unknown'].includes(direction)) return 'direction';
  if (!isIn(0, confidence, 1)) return 'confidence';
  if (!isIn(Date.UTC(1999, 11), capturedAt, Date.UTC(2100, 1))) return 'capturedAt';
  const isJpeg = (bytes: Uint8Array): boolean =>
    Buffer.from(bytes.subarray(0, 3)).toString('hex') === 'ffd8ff' && bytes.length <= MAX_PICTURE_BYTES;
  if (!Object.values(pictures).every(isJpeg)) return 'pictures';
  return undefined;
}

/** Two thousand of them, cut anywhere, into the collectors of one maker. */
export function survivesMutations(valid: readonly Push[], open: (push: Push) => BodyParser): void {
  it('2,000 messages with random mistakes are refused in words or possible', () => {
    const random = seeded(4);
    const seen = { refused: 0, heartbeat: 0, read: 0 };
    for (let i = 0; i < 2000; i++) {
      const push = pick(random, valid);
      const body = mutated(push.body, random);
      try {
        const collector = open(push);
        const cut = Math.floor(random() * body.length);
        collector.feed(body.subarray(0, cut));
        collector.feed(body.subarray(cut));
        const message = collector.end();
        seen[message.kind]++;
        expect(impossible(message)).toBeUndefined();
      } catch (error) {
        // A mistake of a parser is not a mistake of the message.
        if (!(error instanceof PushError)) throw error;
        expect([400, 413, 415]).toContain(error.status);
        seen.refused++;
      }
    }
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(10);
  });
}
