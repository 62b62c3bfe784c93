/** The private authority of the web server: its certificate and, sealed, its key. Backups have it, so that screens go on trusting a box that was restored. */
import type { Instant } from '../contracts/base.ts';
import type { KeyPair } from '../contracts/key-pair.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';

export interface StoredAuthority {
  readonly certificate: string;
  /** Undefined: the key that it is sealed with is lost. */
  readonly key: string | undefined;
}

const KEY = 'tlsAuthority.key';

export function storedAuthority(db: Db): StoredAuthority | undefined {
  const row = db.prepare('SELECT fingerprint, certificate, key FROM tlsAuthority').get() as
    { fingerprint: string; certificate: string; key: string } | undefined;
  return row && { certificate: row.certificate, key: db.sealing.open(KEY, row.fingerprint, row.key) };
}

export interface NewAuthority extends KeyPair {
  /** SHA-256, as browsers show it. */
  readonly fingerprint: string;
  readonly who: string;
  readonly at: Instant;
}

/** In the place of the one before. Throws what the store throws. */
export function putAuthority(db: Db, { fingerprint, certificate, key, who, at }: NewAuthority): void {
  db.write(() => {
    const replaced = db.prepare('DELETE FROM tlsAuthority').run().changes > 0;
    db.prepare('INSERT INTO tlsAuthority (fingerprint, certificate, key) VALUES (?, ?, ?)').run(
      fingerprint,
      certificate,
      db.sealing.seal(KEY, fingerprint, key),
    );
    appendAudit(db, { at, who, what: 'TLS authority made', detail: { fingerprint, replaced } });
  });
}
