/** Logs at the start that the configuration is another one than before. */
import type { Instant, Sha256 } from '../contracts/base.ts';
import { appendAudit } from '../store/audit.ts';
import { getMeta, setMeta, type Db } from '../store/db.ts';

/** Key of `meta`: digest of the configuration of the last start. */
const KEY = 'configSha256';

export function noteSettings(db: Db, config: Sha256, at: Instant): void {
  const before = getMeta(db, KEY);
  if (before === config) return;
  db.write(() => {
    if (before !== undefined)
      appendAudit(db, { at, who: 'box', what: 'settings changed', detail: { before, after: config } });
    setMeta(db, KEY, config);
  });
}
