/**
 * Single pages of a box's store overwritten in turn, over its tables and indexes, and the box started on each: it serves, with its store
 * or without, or it ends with the sentence that says what to do; what is damaged is named on /health. For the bench and for the fault tests.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DB_FILE, openDb } from '../../gateway/store/db.ts';
import type { GatewayProcess } from '../product/gateway.ts';
import { PATIENCE_FACTOR } from '../patience.ts';
import { overwritePage, pagesOf, pageToDamage, type How, type Page } from './pages.ts';
import { layPushBox, type PushBox } from './push-box.ts';
import { fillStore, PLATE, RELAY } from './store-fill.ts';
import { freePort } from '../product/free-port.ts';
import { newSecret } from '../product/site.ts';

export interface DamageResult {
  /** Table or index, kind of page, and with what it was overwritten. */
  readonly damage: string;
  /**
   * `serves`: it served with its store, went on while it was asked, and ended in order. `without store`: it did so, kept nothing and said what to
   * do. `refuses`: exit 74 with what to do. `ends`: anything else.
   */
  readonly outcome: 'serves' | 'without store' | 'refuses' | 'ends';
  /** What named it: the alarms of /health, or the last words of the process. Empty: unnoticed. */
  readonly named: string;
  /** Of a listed read while it served. */
  readonly push: number | undefined;
}

export interface DamageOptions {
  /** So many damages; 16 unless told. */
  readonly count?: number;
  readonly rounds?: number;
  /** Tables and indexes to damage in turn; all unless told. */
  readonly parts?: readonly string[];
  readonly onResult?: (result: DamageResult) => void;
}

/** In the order in which they are taken; then once more with zeros in place of random bytes. */
const PARTS: readonly string[] = [
  ...['hits', 'audit', 'evidence', 'hitsByEntry', 'outbox', 'outboxDue', 'sos', 'orders', 'devices', 'hitEvidence'],
  ...['outboxHead', 'roots', 'lists', 'meta', 'counts', 'tracks', 'hitsByTime', 'outboxStream', 'orderTargets'],
  ...['roomMessages', 'presentations', 'sqlite_autoindex_hits_1', 'sqlite_schema'],
];
const EXIT_IO = 74;
const PATIENCE_MS = 60_000 * PATIENCE_FACTOR;

/** Throws where the box could not be laid out; each damage has its result. */
export async function damageStores({ count = 16, rounds = 150, parts = PARTS, onResult }: DamageOptions = {}): Promise<
  DamageResult[]
> {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-damage-'));
  // Nobody listens there: what waits for the room is read again and again.
  const upstream = {
    [RELAY]: { kind: 'https', url: `http://127.0.0.1:${await freePort()}/`, secret: 'env:ROOM_SECRET' },
  };
  const box = await layPushBox({ folder, plates: [PLATE], upstream, env: { ROOM_SECRET: newSecret() } });
  try {
    const db = openDb(box.site.storage);
    fillStore(db, rounds);
    db.close();
    const whole = join(folder, 'whole');
    cpSync(box.site.storage, whole, { recursive: true });
    const pages = pagesOf(join(whole, DB_FILE));
    const results: DamageResult[] = [];
    for (let i = 0; i < count; i++) {
      const how: How = Math.floor(i / parts.length) % 2 === 0 ? 'random' : 'zeros';
      const page = pageToDamage(pages, parts[i % parts.length]!);
      if (!page) throw new Error(`the store has no ${parts[i % parts.length]}`);
      rmSync(box.site.storage, { recursive: true });
      cpSync(whole, box.site.storage, { recursive: true });
      results.push(await damageOnce(box, page, how));
      onResult?.(results.at(-1)!);
    }
    return results;
  } finally {
    box.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Overwrites the page and starts the box on it. */
async function damageOnce(box: PushBox, page: Page, how: How): Promise<DamageResult> {
  overwritePage(join(box.site.storage, DB_FILE), page.number, how);
  const damage = `${page.name} ${page.root ? 'root ' : ''}${page.kind} ${how}`;
  const gateway = box.start();
  try {
    return { damage, ...(await watched(box, gateway)) };
  } finally {
    await gateway.kill();
  }
}

async function watched(box: PushBox, gateway: GatewayProcess): Promise<Omit<DamageResult, 'damage'>> {
  try {
    const url = await gateway.url();
    await gateway.line((l) => l.msg === 'listening');
    const { named, withoutStore } = await namedBy(url);
    const push = await box.push(PLATE);
    // It still answers after what it was given.
    await (await fetch(`${url}/health`)).text();
    const exit = await gateway.stop();
    const outcome = exit !== 0 ? 'ends' : withoutStore ? 'without store' : 'serves';
    return { outcome, named, push };
  } catch {
    const exit = await gateway.stop();
    const words = gateway.text().trim().split('\n').at(-1) ?? '';
    const isHelpful = exit === EXIT_IO && words.includes('verify-store --repair');
    return { outcome: isHelpful ? 'refuses' : 'ends', named: isHelpful ? words : '', push: undefined };
  }
}

/** The alarms about the store, once the check after the start is done. */
async function namedBy(url: string): Promise<{ named: string; withoutStore: boolean }> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(50)) {
    const health = (await (await fetch(`${url}/health`)).json()) as {
      problems?: readonly { key: string; what: string }[];
      integrity?: { checked: string | null; checking: boolean };
      store?: { refuses: string | null };
    };
    const withoutStore = health.store?.refuses === 'damaged';
    // A check that cannot even begin never ends.
    if (!withoutStore && (health.integrity?.checked == null || health.integrity.checking)) continue;
    const problems = health.problems?.filter((p) => p.key.startsWith('store:')) ?? [];
    return { named: problems.map((p) => p.what).join('; '), withoutStore };
  }
  throw new Error('the check of the store does not end');
}
