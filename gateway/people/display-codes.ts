/** Codes by which the screen of a lane gets its token: scanned within ten minutes, once. */
import type { Instant } from '../contracts/base.ts';
import type { Db } from '../store/db.ts';
import { addCode, takeCode } from '../store/sessions.ts';
import { digestOf, newCode } from './credentials.ts';
import { refuse, type Refusal } from './refusal.ts';

export const DISPLAY_CODE_MS = 10 * 60_000;
/** 140 random bits, scanned rather than typed. */
const GROUPS = 7;

/** In the open transaction. */
export function newDisplayCode(db: Db, lane: string, now: Instant): string {
  const code = newCode(GROUPS);
  addCode(db, { digest: digestOf(code), purpose: 'lane', lane, expires: now + DISPLAY_CODE_MS });
  return code;
}

/** The lane that the code is for. In the open transaction. */
export function takeDisplayCode(db: Db, code: string, now: Instant): { readonly lane: string } | Refusal {
  const { lane, used, expires = now } = takeCode(db, digestOf(code), now) ?? {};
  if (lane === undefined) return refuse('code-unknown');
  if (used !== undefined) return refuse('code-used');
  return expires > now ? { lane } : refuse('code-expired', { minutes: DISPLAY_CODE_MS / 60_000 });
}
