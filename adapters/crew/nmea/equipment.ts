/** A satellite receiver of one of the crew's vehicles, or of the box: RMC and GGA over a serial line, or over TCP (the box connects). */
import { z } from 'zod';
import type { EquipmentHost, OpenEquipment, Position } from '../../../gateway/contracts/crew.ts';
import { serialKeys, listenSerial } from '../../shared/serial-listener.ts';
import { openFrameTrust } from '../../shared/frame-trust.ts';
import { openSentenceReader, type Gga, type Rmc, type Sentence } from './codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const config = z.strictObject({
  ...serialKeys,
  device: z.string().regex(/^[a-z0-9-]{1,32}$/, english('nmea-device')),
  /** What the standard says; many receivers do 9600, 38400 or 115200. */
  baud: serialKeys.baud.unwrap().default(4_800),
});

/** Silences mean nothing here. */
const SILENCE_MS = 60_000;
/** RMC and GGA of one moment come together. */
const SAME_MOMENT_MS = 2_000;
/** Receivers send several a second. */
export const INTACT_BEFORE_TRUST = 32;

/** Checks the configuration; `run` opens the line, and rejects when it is lost. */
export const openNmea: OpenEquipment = (value, context) => {
  const settings = context.check(config, value);
  // A line of one's own is trusted; what answers at an address is not known.
  const trusted = !settings.port.startsWith('tcp://');
  return {
    run(host, signal) {
      const take = openReceiver(host, settings.device, trusted);
      const feed = openSentenceReader((sentence) => signal.aborted || take(sentence));
      const nothing = (): void => undefined;
      return listenSerial(
        settings,
        SILENCE_MS,
        { opened: nothing, bytes: feed, silence: nothing, ended: nothing },
        signal,
      );
    },
  };
};

/** Each of the two has what the other lacks: RMC speed and course, GGA altitude. */
export function openReceiver(host: EquipmentHost, id: string, trusted: boolean): (sentence: Sentence) => void {
  const trust = openFrameTrust(INTACT_BEFORE_TRUST);
  let lastRmc: { readonly at: number; readonly rmc: Rmc } | undefined;
  let lastGga: { readonly at: number; readonly gga: Gga } | undefined;
  const positionOf = (sentence: Rmc | Gga, at: number): Position | undefined => {
    const { fix } = sentence;
    if (!fix) return undefined;
    const rmc = lastRmc && at - lastRmc.at <= SAME_MOMENT_MS ? lastRmc.rmc : undefined;
    const gga = lastGga && at - lastGga.at <= SAME_MOMENT_MS ? lastGga.gga : undefined;
    return {
      ...fix,
      ...(gga?.altitudeM === undefined ? {} : { altitudeM: gga.altitudeM }),
      ...(rmc?.speedKmh === undefined ? {} : { speedKmh: rmc.speedKmh }),
      ...(rmc?.courseDeg === undefined ? {} : { courseDeg: rmc.courseDeg }),
      trusted,
    };
  };
  return (sentence) => {
    if (sentence === 'damaged') trust.damaged();
    if (sentence === 'damaged' || sentence === 'impossible') return host.refused('malformed', id);
    const isTrusted = trust.intact();
    if (sentence === 'other') return;
    if (host.device(id)?.protocol !== 'nmea') return host.refused('unknown device');
    const at = Date.now();
    if (sentence.kind === 'rmc') lastRmc = { at, rmc: sentence };
    else lastGga = { at, gga: sentence };
    const position = isTrusted ? positionOf(sentence, at) : undefined;
    const time = sentence.kind === 'rmc' ? sentence.time : undefined;
    host.report({
      device: id,
      at,
      ...(time === undefined ? {} : { clockOffsetMs: time - at }),
      ...(position ? { position } : {}),
    });
  };
}
