/** Our reading of streams against ffprobe's own list of packets, and what we write against what ffmpeg decodes of it. */
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../simulators/scene/random.ts';
import { matroskaHeader, matroskaPicture } from './matroska.codec.ts';
import { drawn, ENCODERS, output, transportStream, unitsOf, type Encoder } from './streams.fixtures.ts';

async function probe(stream: Buffer, format: string, entries: string): Promise<string[]> {
  const args = ['-f', format, '-show_entries', entries, '-of', 'csv=p=0', '-i', 'pipe:0'];
  return String(await output('ffprobe', args, stream))
    .split('\n')
    .filter((line) => line !== '');
}

describe.each(Object.keys(ENCODERS) as Encoder[])('%s', (encoder) => {
  it('has the pictures, key pictures and stamps that ffprobe finds, however it is cut', async () => {
    const ts = await transportStream(await drawn(encoder));
    const random = seeded(7);
    const units = unitsOf(ts, () => 1 + Math.floor(random() * 4000));
    if (encoder !== 'MJPEG') {
      // ffprobe knows no MJPEG in MPEG-TS.
      const packets = (await probe(ts, 'mpegts', 'packet=pts,size,flags')).map((line) => line.split(','));
      expect(units.map((u) => [String(u.pts), u.key])).toEqual(
        packets.map(([pts, , flags]) => [pts, flags!.startsWith('K')]),
      );
    }
    expect(units.length).toBe(30);
    expect(unitsOf(ts).map((u) => u.bytes.length)).toEqual(units.map((u) => u.bytes.length));
  });

  it('comes through without a stamp as well', async () => {
    const units = unitsOf(await transportStream(await drawn(encoder, 'raw')));
    expect(units.length).toBe(30);
    expect(units[0]!.pts).toBeDefined();
  });

  it('is decoded picture by picture from what we write, beginning with any of its key pictures', async () => {
    const units = unitsOf(await transportStream(await drawn(encoder)));
    const keys = units.flatMap((u, i) => (u.key ? [i] : []));
    expect(keys.length).toBeGreaterThan(1);
    for (const from of [keys[0]!, keys.at(-1)!]) {
      const some = units.slice(from);
      const stream = Buffer.concat([
        matroskaHeader(some[0]!.codec),
        ...some.map((unit, i) => matroskaPicture(unit, i * 100)),
      ]);
      const sizes = await probe(stream, 'matroska', 'frame=width,height');
      expect(new Set(sizes.map((line) => line.replace(/,$/, '')))).toEqual(new Set(['320,240']));
      // Leading pictures of an open GOP refer to what came before it, and are not shown.
      expect(sizes.length).toBeGreaterThanOrEqual((encoder.includes('interlaced') ? 0.5 : 1) * some.length - 2);
    }
  });
});
