/**
 * The audit log of a running box: signs its head each hour and at the stop, sends it upstream, and enters what could not be logged. The key is
 * opened with the first turn; one that is lost or another than before is logged, and an alarm for a day.
 */
import type { Instant, Log } from '../contracts/base.ts';
import { causeOf } from '../contracts/errors.ts';
import { NoFileError } from '../contracts/regular-file.ts';
import { single, type Problem, type Status } from '../contracts/status.ts';
import { iso } from '../contracts/time.ts';
import { problem } from '../contracts/words/problem.ts';
import { folderOf } from '../store/anchors/head-file.ts';
import { enterGap, restoreGap } from '../store/audit-gap.ts';
import { addHead, AUDIT_KEY, hasUnsentHead, HEADS, newestHead } from '../store/audit-heads.ts';
import { appendAudit, readHead } from '../store/audit.ts';
import { getMeta, setMeta, type Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import { makeBoxKey, readBoxKey, type BoxKey } from './box-key.ts';
import { headText } from './signed-head.ts';

export interface AuditLogParts {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  /** Where the key lies. */
  readonly folder: string;
  readonly log: Log;
}

const SIGN_EVERY_MS = 3_600_000;
const REPLACED_SHOWN_MS = 24 * 3_600_000;
/** Key of `meta`: since when the key is another one. */
const REPLACED = 'auditKeyReplacedMs';

export class AuditLog {
  readonly #parts: AuditLogParts;
  readonly #startedAt: Instant;
  #key: BoxKey | undefined;
  /** The key was made because there was none. */
  #isNew = false;
  #unusable: string | undefined;
  /** The store knows the key. */
  #isNoted = false;
  #replacedAt: Instant | undefined;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
    this.#startedAt = parts.outbox.now();
    restoreGap(parts.db);
  }

  /** The public half of the key, in base64, for the health event. */
  publicKey(): string | null {
    return this.#key?.publicKey ?? null;
  }

  /** Called each second. Throws what the store or the outbox throws, and goes on where it was. */
  turn(): void {
    const { db, outbox } = this.#parts;
    const now = outbox.now();
    enterGap(db, now);
    if (!this.#isNoted) this.#noteKey(now);
    const last = newestHead(db)?.at;
    if (Math.abs(now - (last === undefined ? this.#startedAt : Date.parse(last))) >= SIGN_EVERY_MS) this.sign();
  }

  /** Signs the head as it is now, and puts it into the outbox. */
  sign(): void {
    const { db, outbox } = this.#parts;
    const key = this.#key;
    // A store in memory, in place of a damaged one, has a log of its own that says nothing about that of the box.
    if (!key || folderOf(db) === undefined) return;
    db.write(() => {
      const head = readHead(db);
      if (!head) return;
      const time = outbox.now();
      const unsigned = { source: outbox.source, ...head, at: iso(time) };
      const { source: _source, ...rest } = unsigned;
      const data = { ...rest, key: key.publicKey, signature: key.sign(headText(unsigned)) };
      const event = outbox.enqueue({ type: 'io.sitebox.audit.v1', subject: 'audit', time, data, stream: HEADS });
      addHead(db, { source: outbox.source, ...data, event, relays: outbox.relays.length });
    });
  }

  /** Whether a head waits for this relay; false also where the store cannot be read. */
  hasUnsent(relay: string): boolean {
    try {
      return hasUnsentHead(this.#parts.db, relay);
    } catch {
      return false;
    }
  }

  readonly status: Status = {
    problems: () => [...this.#keyProblems(), ...this.#gapProblem()],
    readings: () => [
      single('sitebox_audit_rows_missing', 'gauge', 'Rows of the audit log that could not be written yet', () =>
        this.#missing(),
      ),
    ],
    health: () => ({ auditLog: { key: this.publicKey(), rowsMissing: this.#missing() } }),
  };

  #missing(): number {
    return this.#parts.db.gap.state()?.rows ?? 0;
  }

  #noteKey(now: Instant): void {
    const { db, log } = this.#parts;
    const key = (this.#key ??= this.#openKey());
    if (!key) return;
    const before = getMeta(db, AUDIT_KEY);
    if (before !== key.publicKey) {
      db.write(() => {
        setMeta(db, AUDIT_KEY, key.publicKey);
        if (before !== undefined) setMeta(db, REPLACED, String(now));
        const row = { at: now, who: 'box' };
        if (before === undefined) appendAudit(db, { ...row, what: 'audit key made', detail: { key: key.publicKey } });
        else {
          const detail = { before, key: key.publicKey, lost: this.#isNew };
          appendAudit(db, { ...row, what: 'audit key replaced', detail });
        }
      });
      if (before !== undefined)
        log.error({ before, key: key.publicKey, lost: this.#isNew }, 'the key of the audit log is another one');
    }
    const replaced = getMeta(db, REPLACED);
    this.#replacedAt = replaced === undefined ? undefined : Number(replaced);
    this.#isNoted = true;
    if (before !== undefined && before !== key.publicKey) this.sign();
  }

  #openKey(): BoxKey | undefined {
    const { folder, log } = this.#parts;
    const wasUsable = this.#unusable === undefined;
    try {
      const found = this.#read(folder);
      this.#isNew = found === undefined;
      const key = found ?? makeBoxKey(folder);
      this.#unusable = undefined;
      return key;
    } catch (error) {
      this.#unusable = causeOf(error);
      if (wasUsable) log.error({ cause: this.#unusable }, 'the head of the audit log cannot be signed');
      return undefined;
    }
  }

  /** Undefined also for a file that can be read and is no key. */
  #read(folder: string): BoxKey | undefined {
    try {
      return readBoxKey(folder);
    } catch (error) {
      // An error of the file system: it may be over in a moment, and a new key would hide it.
      if (error instanceof NoFileError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
      this.#parts.log.error({ cause: causeOf(error) }, 'the key of the audit log is damaged');
      return undefined;
    }
  }

  #keyProblems(): Problem[] {
    if (this.#unusable !== undefined) return [problem('audit:key', 'audit-key-unusable', { cause: this.#unusable })];
    const at = this.#replacedAt;
    if (at === undefined || Math.abs(this.#parts.outbox.now() - at) >= REPLACED_SHOWN_MS) return [];
    return [problem('audit:key', 'audit-key-replaced', { at: iso(at), key: this.publicKey() ?? '' })];
  }

  #gapProblem(): Problem[] {
    const gap = this.#parts.db.gap.state();
    return gap ? [problem('audit:gap', 'audit-gap', { rows: gap.rows, from: iso(gap.from) })] : [];
  }
}
