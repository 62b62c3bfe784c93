/** Times as cameras write them, with or without a time zone. */
import type { Instant } from '../../../gateway/contracts/base.ts';

/** Undefined for what is no time, or none that a camera can mean. */
export type TimeReader = (text: string) => Instant | undefined;

const TIME = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/;

/** `2026-11-21T10:02:03.847+08:00` (ISO 8601), or `2026-11-21 10:02:03.123`, which then counts in `timeZone`. */
export function openTimeReader(timeZone: string): TimeReader {
  const offsetAt = zoneOffset(timeZone);
  return (text) => {
    const found = TIME.exec(text.trim());
    if (!found) return undefined;
    const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [number, ...number[]];
    // Cameras without a battery begin again in 1970.
    if (year < 2000 || year > 2099) return undefined;
    const milliseconds = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3));
    const wall = Date.UTC(year, month! - 1, day, hour, minute, second, milliseconds);
    // Date.UTC rolls over what does not exist, such as 30 February or 25:00.
    const stamp = found.slice(1, 7).join('-');
    if (new Date(wall).toISOString().slice(0, 19).replace(/[T:]/g, '-') !== stamp) return undefined;
    const zone = found[8];
    // Twice, because the first guess may lie beyond a change of the offset.
    if (zone === undefined) return wall - offsetAt(wall - offsetAt(wall));
    return wall - (zone === 'Z' ? 0 : offsetOf(zone));
  };
}

/** Milliseconds of `+08:00` or `+0800`. */
function offsetOf(zone: string): number {
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) * 60_000;
}

/** How far the zone's clocks stand ahead of UTC at an instant, ms. */
function zoneOffset(timeZone: string): (at: Instant) => number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return (at) => {
    const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
    const zone = /[+-]\d\d:\d\d/.exec(name)?.[0];
    return zone === undefined ? 0 : offsetOf(zone);
  };
}
