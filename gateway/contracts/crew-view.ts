/** What the screens of people show of the crew, and what they may do with it. Types only. */
import type { Id, Instant } from './base.ts';
import type { CrewDevice, DeviceReport, LatLon } from './crew.ts';
import type { NewOrder } from './instruction.ts';
import type { Message } from './words/words.ts';

/** A registered device and what it said of itself. No position. */
export interface DeviceView
  extends
    Pick<CrewDevice, 'id' | 'kind' | 'role' | 'protocol'>,
    Pick<DeviceReport, 'batteryPercent' | 'charging' | 'recording'> {
  /** Messages can be delivered to it. */
  readonly online: boolean;
  /** When its last report came; absent: none since the start. */
  readonly at?: Instant;
  /** No report for three of its intervals. */
  readonly stale: boolean;
}

/** Where a device was last. Staff data: who opens the map is in the audit log. */
export interface MapPoint extends LatLon {
  readonly device: string;
  readonly at: Instant;
  readonly trusted: boolean;
  readonly stale: boolean;
}

/** An order that is on disk. `stale`: devices that "nearest" left out because where they are is not known well enough. */
export interface GivenOrder {
  readonly id: Id;
  readonly targets: readonly string[];
  readonly stale: readonly string[];
}

/** What a person does is one transaction of row, audit row and event; each throws what the store throws, and nothing is done then. */
export interface CrewForPeople {
  devices(): readonly DeviceView[];
  /** To be logged by the caller. */
  map(): readonly MapPoint[];
  /** False where there is no such call. The first acknowledgement counts. */
  acknowledgeSos(sos: Id, by: string): boolean;
  giveOrder(order: NewOrder, by: string): GivenOrder | { readonly problem: Message };
  /** A person said by radio that the alert has ended. False where that device does not wait for it. */
  toldByRadio(hit: Id, device: string, by: string): boolean;
}
