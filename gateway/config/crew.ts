/** The `crew` block of the configuration. Its `equipment` carries further keys that belong to the adapter named by `kind`. */
import { z } from 'zod';

export const wholeNumber = (least: number, most = Infinity) => z.number().int().min(least).max(most);

/** 平时, 战时, 应急: how often devices are asked to report, and whether an unconfirmed hit of these categories may alert the crew. */
const mode = (reportIntervalS: number) =>
  z
    .strictObject({
      reportIntervalS: wholeNumber(1, 600).default(reportIntervalS),
      /** List categories of which the crew is alerted to hits before they are confirmed. Confirmed hits always alert. */
      alertUnconfirmed: z.array(z.string().min(1).max(64)).max(32).default([]),
    })
    .prefault({});

export const crewSchema = z.strictObject({
  equipment: z
    .array(z.looseObject({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/), kind: z.string() }))
    .min(1)
    .max(16),
  /** Position of the checkpoint, from which distances of alerts are measured. */
  place: z
    .strictObject({
      lat: z.number().min(-90).max(90),
      lon: z.number().min(-180).max(180),
      name: z.string().min(1).max(100).optional(),
    })
    .optional(),
  /** Each device goes upstream at most once in this time; the newest wins. */
  relayIntervalS: wholeNumber(1, 600).default(10),
  /** How long tracks of the crew's own devices are kept before they are deleted. */
  keepTracksH: wholeNumber(0, 168).default(24),
  batteryLowPercent: wholeNumber(1, 99).default(20),
  alerts: z
    .array(
      z.strictObject({
        roles: z
          .array(z.enum(['officer', 'guard', 'volunteer']))
          .min(1)
          .max(3),
        /** Only devices no further from `place`; absent: all. A device whose position is not known, or stale, counts as near. */
        withinM: wholeNumber(1, 100_000).optional(),
      }),
    )
    .max(8)
    .default([{ roles: ['officer'] }]),
  modes: z.strictObject({ normal: mode(30), heightened: mode(10), emergency: mode(5) }).prefault({}),
});

export type CrewConfig = z.infer<typeof crewSchema>;
