/** People who answer for what they do at the box, and what their accounts may do. Types only. */
import type { Instant } from './base.ts';

/** 警号: who somebody is, at this site and in the command room. "Two different people" are two service numbers. */
export type ServiceNumber = string;

/** 民警 (police) or 辅警 (auxiliary). */
export type PersonKind = 'police' | 'auxiliary';

/**
 * `officer`: hits, crew, orders, reports. `technician`: devices, health, configuration; sees no hit and creates nobody. `auditor`: reads the log
 * and the figures, opens holds, changes nothing.
 */
export type AccountRole = 'officer' | 'technician' | 'auditor';

export interface Person {
  readonly serviceNumber: ServiceNumber;
  readonly name: string;
  readonly kind: PersonKind;
  readonly roles: readonly AccountRole[];
  readonly created: Instant;
  /** Absent while the account can be used. */
  readonly disabled?: Instant;
  /** Judges no hit before. */
  readonly judgesFrom: Instant;
}

/** Who gives an opinion: here, by an account; in the command room, by what its instruction says. */
export type Judge = Pick<Person, 'serviceNumber' | 'kind'>;
