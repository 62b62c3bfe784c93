/** Which columns of the store are sealed, and with a key of which class. */

/** Each class has a key of its own, derived from the master key. */
export type KeyClass = 'hits' | 'pictures' | 'places' | 'orders' | 'outbox' | 'tls' | 'handovers';

export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  readonly class: KeyClass;
  /** The columns that name the row in its sealed value, joined by blanks. None of them ever changes. */
  readonly key: readonly string[];
}

export const SEALED_COLUMNS = {
  'hits.body': { table: 'hits', column: 'body', class: 'hits', key: ['id'] },
  'reviews.characters': { table: 'reviews', column: 'characters', class: 'hits', key: ['hit', 'serviceNumber'] },
  'judgings.characters': { table: 'judgings', column: 'characters', class: 'hits', key: ['hit', 'serviceNumber'] },
  'evidence.bytes': { table: 'evidence', column: 'bytes', class: 'pictures', key: ['sha256'] },
  'outbox.data': { table: 'outbox', column: 'data', class: 'outbox', key: ['relay', 'id'] },
  'outbox.evidence': { table: 'outbox', column: 'evidence', class: 'outbox', key: ['relay', 'id'] },
  'orders.text': { table: 'orders', column: 'text', class: 'orders', key: ['id'] },
  'orders.place': { table: 'orders', column: 'place', class: 'places', key: ['id'] },
  'sos.place': { table: 'sos', column: 'place', class: 'places', key: ['id'] },
  'sos.doubtful': { table: 'sos', column: 'doubtful', class: 'places', key: ['id'] },
  'handovers.body': { table: 'handovers', column: 'body', class: 'handovers', key: ['id'] },
  'tracks.place': { table: 'tracks', column: 'place', class: 'places', key: ['device', 'atMs'] },
  'tlsAuthority.key': { table: 'tlsAuthority', column: 'key', class: 'tls', key: ['fingerprint'] },
} as const satisfies Readonly<Record<string, SealedColumn>>;

/** `table.column`. */
export type SealedName = keyof typeof SEALED_COLUMNS;
export const SEALED_NAMES = Object.keys(SEALED_COLUMNS) as readonly SealedName[];
