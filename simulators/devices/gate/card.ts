/** The cards of the people of simulators/devices/gate/people.ts, for the simulated card reader. */
import { PHOTO_BYTES, type Card } from '../reader/cards.ts';
import type { DrawnPerson } from './people.ts';
import { seeded } from '../../scene/random.ts';

const PHOTO_WORD = 'simulated photo';

/**
 * Names the portrait `id` (lower-case letters and digits) in place of a picture, because the format of real chips is not public.
 * The rest is filled at random by `serial`, so that the photo of each card can be told from all others when traces are searched for.
 */
export function cardPhoto(id: string, serial: number): Uint8Array<ArrayBuffer> {
  if (!/^[0-9a-z]+$/.test(id)) throw new Error('the id of a portrait consists of lower-case letters and digits');
  const photo = new Uint8Array(PHOTO_BYTES);
  const random = seeded(Math.imul(serial + 1, 0x85ebca6b));
  const head = new TextEncoder().encode(`${PHOTO_WORD}\n${id}\n`);
  photo.set(head);
  for (let i = head.length; i < PHOTO_BYTES; i++) photo[i] = Math.floor(random() * 256);
  return photo;
}

/** The card of `person`, valid from 2020 on; `change` makes it another one. */
export function cardOf(person: DrawnPerson, change: Partial<Card> = {}): Card {
  const { number, validFrom, validUntil, id, seed } = person;
  return { kind: 'resident', number, validFrom, validUntil, photo: cardPhoto(id, seed), ...change };
}
