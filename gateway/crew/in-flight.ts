/**
 * Messages of one kind on their way to devices: each is sent once over a connection, and again over the next one until the device has it. Receipts
 * are written once a second, in one transaction: a thousand devices must not hold up everything else. What a kill loses is sent again.
 */
import type { Id, Instant } from '../contracts/base.ts';
import type { AlertReceipt } from '../store/alerts.ts';

export class InFlight {
  /** By device: messages sent over its present connection that it has not acknowledged, with their hits. */
  readonly #sent = new Map<string, Map<Id, Id>>();
  /** Acknowledged and not yet written, by device and message. */
  readonly #receipts = new Map<string, AlertReceipt>();

  sent(device: string, message: Id, hit: Id): void {
    const messages = this.#sent.get(device) ?? new Map<Id, Id>();
    this.#sent.set(device, messages.set(message, hit));
  }

  /** It need not be sent over the present connection: it was, or the device has it. */
  has(device: string, message: Id): boolean {
    return (this.#sent.get(device)?.has(message) ?? false) || this.isAcknowledged(device, message);
  }

  /** How many the device has not acknowledged. */
  count(device: string): number {
    return this.#sent.get(device)?.size ?? 0;
  }

  isAcknowledged(device: string, message: Id): boolean {
    return this.#receipts.has(keyOf(device, message));
  }

  /** Passes over messages of another kind. */
  acknowledged(device: string, message: Id, at: Instant): void {
    const hit = this.#sent.get(device)?.get(message);
    if (hit === undefined) return;
    this.#sent.get(device)!.delete(message);
    this.#receipts.set(keyOf(device, message), { hit, device, id: message, at });
  }

  connectionChanged(device: string): void {
    this.#sent.delete(device);
  }

  /** Hands over the receipts; where `write` throws, they are handed over again the next time. */
  writeReceipts(write: (receipts: readonly AlertReceipt[]) => void): void {
    if (this.#receipts.size === 0) return;
    write([...this.#receipts.values()]);
    this.#receipts.clear();
  }
}

/** Ids of devices have no blanks. */
function keyOf(device: string, message: Id): string {
  return `${device} ${message}`;
}
