/**
 * The hand-over of a shift (交接班): two people sign one sheet by their passwords, and in the same transaction the sheet is kept, logged and sent, and
 * the session changes hands.
 */
import { newId, type Clock } from '../clock/clock.ts';
import type { Instant, Sha256 } from '../contracts/base.ts';
import type { Person, ServiceNumber } from '../contracts/people.ts';
import type { Handover, ShiftSheet } from '../contracts/shift.ts';
import { iso } from '../contracts/time.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import { addHandover } from '../store/handovers.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import { allSessions, handOverDutySessions, removePersonalSessionsOf } from '../store/sessions.ts';
import type { Accounts } from './accounts.ts';
import { digestOf } from './credentials.ts';
import { openSession } from './open-session.ts';
import type { Proof } from './person-login.ts';
import { isRefusal, refuse, type Refusal } from './refusal.ts';
import { serviceNumberOf } from './service-number.ts';
import { MAX_PERSONAL_MS, type OpenedSession, type Session, type Sessions } from './sessions.ts';

/** A shift, where no end of the next one is given. */
export const SHIFT_LENGTH_MS = 24 * 3_600_000;
const MAX_AHEAD_MS = 7 * 24 * 3_600_000;
export const MAX_NOTE_CHARS = 2_000;

export interface HandoverDraft {
  readonly sheet: ShiftSheet;
  /** Of all that the sheet says, but for what has not been transferred. */
  readonly digest: Sha256;
}

export interface Signing {
  /** Of the sheet that both have read. */
  readonly digest: Sha256;
  /** As in the sheet. */
  readonly until: Instant;
  /** At most MAX_NOTE_CHARS. */
  readonly note: string;
  readonly outgoing: Proof;
  readonly incoming: Proof;
}

export interface SignedHandover {
  readonly handover: Handover;
  /** Of the outgoing officer: how many personal sessions have ended. */
  readonly ended: number;
  /** Screens of the duty room that now name the incoming officer. */
  readonly screens: number;
  /** Of the incoming officer, where the hand-over was signed in a personal session. */
  readonly opened?: OpenedSession;
}

export interface HandoverParts {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now' | 'trusted'>;
  readonly outbox: OutboxWriter;
  readonly accounts: Accounts;
  readonly sessions: Pick<Sessions, 'find'>;
  readonly sheet: (until: Instant) => ShiftSheet;
}

export class Handovers {
  readonly #parts: HandoverParts;

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  /** The sheet as it is now. `until`: the end of the next shift. */
  draft(until: Instant = this.#parts.clock.now() + SHIFT_LENGTH_MS): HandoverDraft | Refusal {
    const ahead = until - this.#parts.clock.now();
    if (!(ahead > 0 && ahead <= MAX_AHEAD_MS)) return refuse('handover-until', { days: MAX_AHEAD_MS / 86_400_000 });
    return draftOf(this.#parts.sheet(until));
  }

  /**
   * Refused where the sheet has changed since both read it: a call for help that came between must not change hands unread. `held`: the session in
   * which it is signed; the command line has none. Throws what the store throws; then nothing has changed.
   */
  async sign(
    signing: Signing,
    address: string,
    held?: Pick<Session, 'id' | 'kind'>,
  ): Promise<SignedHandover | Refusal> {
    const { accounts, db } = this.#parts;
    const [from, to] = [signing.outgoing, signing.incoming].map((proof) => serviceNumberOf(proof.serviceNumber));
    if (from === to) return refuse('handover-one-person');
    const outgoing = await accounts.prove(signing.outgoing, address);
    if (isRefusal(outgoing)) return outgoing;
    const incoming = await accounts.prove(signing.incoming, address);
    if (isRefusal(incoming)) return incoming;
    return db.write(() => this.#handOver(signing, { outgoing, incoming, address }, held));
  }

  /** In the open transaction. Reads people, session and sheet again: while passwords were compared, each may have changed. */
  #handOver(
    { digest, until, note }: Signing,
    by: { readonly outgoing: Person; readonly incoming: Person; readonly address: string },
    held: Pick<Session, 'id' | 'kind'> | undefined,
  ): SignedHandover | Refusal {
    const { db, clock, accounts, sessions } = this.#parts;
    const [outgoing, incoming] = [by.outgoing.serviceNumber, by.incoming.serviceNumber];
    const refusal = mayHandOver(accounts, outgoing, incoming);
    if (refusal) return refusal;
    if (held && !allSessions(db).some(({ id, person }) => id === held.id && person === outgoing))
      return refuse('session-ended');
    const draft = this.draft(until);
    if (isRefusal(draft)) return draft;
    if (draft.digest !== digest) return refuse('handover-changed');
    const at = clock.now();
    const handover: Handover = { id: newId(at), at: iso(at), outgoing, incoming, note, ...draft };
    addHandover(db, at, handover);
    const ended = removePersonalSessionsOf(db, outgoing);
    const screens = handOverDutySessions(db, outgoing, incoming);
    this.#tell(handover, at, { ended, screens });
    if (held?.kind !== 'personal') return { handover, ended, screens };
    const now = clock.trusted();
    const personal = { kind: 'personal', person: incoming, expires: now + MAX_PERSONAL_MS, proved: now } as const;
    const login = { who: incoming, what: 'login', address: by.address } as const;
    const { token } = openSession({ db, clock }, personal, login);
    // It has just begun, so there is one.
    const session = sessions.find(token) as Session;
    return { handover, ended, screens, opened: { token, session } };
  }

  /** Log and event: numbers of people, ids and counts; the note stays here. */
  #tell(handover: Handover, at: Instant, changed: { readonly ended: number; readonly screens: number }): void {
    const { db, outbox } = this.#parts;
    const { id, outgoing, incoming, digest, sheet } = handover;
    const detail = { handover: id, outgoing, incoming, until: sheet.until, digest, ...changed };
    appendAudit(db, { at, who: `${outgoing}, ${incoming}`, what: 'shift handed over', detail });
    const data = {
      id,
      outgoing,
      incoming,
      until: sheet.until,
      digest,
      hits: { ...sheet.hits.counts },
      sos: sheet.sos.newest.map((sos) => sos.id),
      orders: sheet.orders.newest.map((order) => order.id),
      listsEnding: sheet.lists.filter((list) => list.endsBefore).map((list) => list.type),
      mode: { ...sheet.mode },
      alarms: sheet.alarms.map(({ key }) => key),
      devices: sheet.devices.map(({ device, what }) => ({ device, what })),
      blind: sheet.blind.newest.map(({ key, from, to }) => ({ key, from, ...(to === undefined ? {} : { to }) })),
    };
    outbox.enqueue({ type: 'io.sitebox.handover.v1', subject: 'shift', time: at, data, stream: 'handover' });
  }
}

function draftOf(sheet: ShiftSheet): HandoverDraft {
  const { outbox: _outbox, ...signed } = sheet;
  return { sheet, digest: digestOf(JSON.stringify(signed)) };
}

/** Why the shift does not go from one to the other; undefined if it does. */
function mayHandOver(accounts: Accounts, from: ServiceNumber, to: ServiceNumber): Refusal | undefined {
  const [outgoing, incoming] = [accounts.find(from), accounts.find(to)];
  if (!outgoing || !incoming || outgoing.disabled !== undefined) return refuse('login-disabled');
  if (!outgoing.roles.includes('officer')) return refuse('person-no-officer');
  return accounts.mayJudge(to) ?? (hasRightsOf(incoming, outgoing) ? undefined : refuse('handover-fewer-rights'));
}

/** What was open to the one must be open to the other: a shift without a police officer can confirm no hit. */
function hasRightsOf(incoming: Person, outgoing: Person): boolean {
  const isPolice = incoming.kind === 'police' || outgoing.kind === 'auxiliary';
  return isPolice && outgoing.roles.every((role) => incoming.roles.includes(role));
}
