/** A box with a store that has something in every table, and a pair of keys for its backups. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillStore } from './store-fill.ts';
import { sitebox } from '../product/gateway.ts';
import { DB_FILE, openDb, type Db } from '../../gateway/store/db.ts';

export const BY = ['--by', 'A. Person'];

export type BackupBox = ReturnType<typeof layBackupBox>;

export function layBackupBox(folder: string, rounds: number) {
  const config = join(folder, 'sitebox.yaml');
  const text = {
    site: 'demo',
    storage: { folder: 'data' },
    lists: { trust: 'trust/root.json' },
    cameras: [],
    lanes: [],
    listen: { host: '127.0.0.1', port: 0 },
    crew: { equipment: [{ id: 'broker', kind: 'broker', listen: { host: '127.0.0.1', port: 0 } }] },
  };
  writeFileSync(config, JSON.stringify(text));
  const pair = generateKeyPairSync('x25519');
  const publicKey = join(folder, 'backup.pub');
  const privateKey = join(folder, 'backup.key');
  writeFileSync(publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(privateKey, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const storage = join(folder, 'data');
  const withStore = <T>(work: (db: Db) => T): T => {
    const db = openDb(storage);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  withStore((db) => fillStore(db, rounds));
  return { folder, config, storage, store: join(storage, DB_FILE), publicKey, privateKey, with: withStore };
}

export const backup = (box: BackupBox, to: string) =>
  sitebox('backup', '--config', box.config, '--to', to, '--key', box.publicKey, ...BY);
export const restore = (box: BackupBox, from: string, ...more: string[]) =>
  sitebox('restore', from, '--config', box.config, '--key', box.privateKey, ...BY, ...more);
