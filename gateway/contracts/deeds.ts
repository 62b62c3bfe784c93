/**
 * What the audit log records: each deed with the shape of its detail, so that a misspelt one does not compile. No detail holds a field of a non-match,
 * a name of a subject, a picture or a secret. Types only; the words for people are in `words/deeds.words.ts`.
 */
import type { Id, Json, Sha256 } from './base.ts';
import type { ListRef, ListType } from './list.ts';

/** Times in details are RFC 3339, UTC. */
type Time = string;

interface Build {
  readonly version: string;
  /** Digest of the configuration file. */
  readonly config: Sha256;
}

/** Entry, lane and list lie in the row of the hit and go with it; `digest` covers them with the salt of that row. */
export interface HitDigest {
  readonly hit: Id;
  readonly digest: Sha256;
}

/** Why a person reads where the crew is or was. */
interface Purpose {
  readonly why: string;
}

/** What a part of its own decides to record beside what is named here. */
type Fields = { readonly [key: string]: Json };

/** The box. */
interface BoxDeeds {
  'box started': Build;
  'box stopped': Build;
  'box ended by an error': { readonly part: string | null };
  /** The configuration is another one than at the start before. */
  'settings changed': { readonly before: Sha256; readonly after: Sha256 };
  'safe mode left': Fields;
  /** `before`: the serial number of the card before, where there was one. */
  'camera card kept': Fields & { readonly camera: string; readonly before: string | null };
  'trusted time set': Fields;
  'policy in force': Fields;
  'deployment started': Fields;
  'deployment ended': Fields;
}

/** The store and the log. */
interface StoreDeeds {
  'audit log started anew': { readonly why: string; readonly missing: readonly (readonly number[])[] };
  'loss of audit rows noted': { readonly seq: number };
  'audit head lost': { readonly goesOnBehind: number };
  /** Rows that could not be written, while what they record went on. */
  'audit gap': { readonly from: Time; readonly to: Time; readonly rows: number };
  'audit key made': { readonly key: string };
  /** `lost`: its file was gone. */
  'audit key replaced': { readonly before: string; readonly key: string; readonly lost: boolean };
  /** The private authority of the web server: every screen has to trust it. */
  'TLS authority made': { readonly fingerprint: string; readonly replaced: boolean };
  /** `upTo`: the last row before this one, or that of the last signed head. */
  'audit exported': { readonly upTo: number };
  'anchors applied': { readonly raised: readonly string[] };
  'backup made': { readonly key: string; readonly lastDay: string };
  'backup restored': Fields;
  'store repaired': Fields;
  'store sealed again': Fields;
  'lost seal key acknowledged': Fields;
  'events sent again': { readonly events: Fields };
  /** Rows that a class of data lost because its time was over. */
  'retention run': { readonly class: string; readonly rows: number };
  wipe: Fields;
  'hold placed': Fields;
  'hold opened': Fields;
  'hold ended': Fields;
}

/** Look-ups, lists and hits. */
interface HitDeeds {
  /** By outcome, and against which list: never what was looked up. */
  'look-ups': {
    readonly since: Time;
    /** Where the box was killed before it wrote the row: when it kept them last. */
    readonly until?: Time;
    readonly lookups: Readonly<Record<string, number>>;
    readonly list: ListRef | null;
  };
  'list imported': Fields & { readonly type: ListType; readonly version: number; readonly sha256: Sha256 };
  'list refused': { readonly why: string; readonly detail: string };
  'root installed': { readonly version: number; readonly sha256: Sha256; readonly dropped: readonly ListType[] };
  'entry suspended': Fields;
  'hit raised': HitDigest;
  'hit became exact': HitDigest;
  /** Seen in another lane, or by another camera or reader. */
  'hit updated': HitDigest;
  'hits listed': Fields;
  /** Its evidence was looked at. */
  'hit viewed': Fields & { readonly hit: Id };
  /** Of a possible hit, before the listed plate was shown. */
  'doubtful characters read': { readonly hit: Id };
  'hit reviewed': Fields & { readonly hit: Id };
  'review refused': Fields & { readonly hit: Id };
  'outcome recorded': Fields & { readonly hit: Id };
  'dismissed hit erased': Fields & { readonly hit: Id };
  'erasure receipt': Fields & { readonly hit: Id };
}

/** Accounts and sessions. */
interface PeopleDeeds {
  login: Fields;
  'login refused': Fields;
  'session ended': Fields;
  'display code made': Fields;
  'display opened': Fields;
  'set-up session opened': Fields;
  'recovery of accounts opened': Fields;
  'PIN set': Fields;
  'person added': Fields;
  'person disabled': Fields;
  'person reset': Fields;
  'person vouched for': Fields;
  /** `digest`: of the sheet that both signed. `ended`: sessions of the outgoing officer; `screens`: of the duty room, which name the incoming one now. */
  'shift handed over': {
    readonly handover: Id;
    readonly outgoing: string;
    readonly incoming: string;
    readonly until: Time;
    readonly digest: Sha256;
    readonly ended: number;
    readonly screens: number;
  };
}

/** The crew, and the instructions of the command room. */
interface CrewDeeds {
  'device added': Fields & { readonly device: string };
  'device revoked': { readonly device: string };
  'mode set': Fields;
  'mode ended': Fields;
  'mode refused': Fields;
  'mode set aside': Fields;
  'crew map opened': Fields;
  'positions read': Purpose & { readonly devices: number };
  'track read': Purpose & {
    readonly device: string;
    readonly from: Time;
    readonly to: Time;
    readonly points: number;
  };
  'calls for help read': { readonly days: number; readonly calls: number };
  'sos raised': Fields & { readonly sos: Id };
  'sos cancelled': Fields & { readonly sos: Id };
  'sos acknowledged': Fields & { readonly sos: Id };
  'order created': Fields & { readonly order: Id };
  'order done': { readonly order: Id };
  'order refused': Fields;
  'order set aside': Fields;
  'instruction refused': Fields;
  'instruction set aside': Fields;
  'instruction turned down': Fields;
  'alert ended': { readonly hit: Id; readonly why: string; readonly devices: number };
  /** A person said the end by radio. */
  'end of alert told by radio': { readonly hit: Id; readonly device: string };
}

export interface Deeds extends BoxDeeds, StoreDeeds, HitDeeds, PeopleDeeds, CrewDeeds {}

/** What was done: verb and object, as the row of the log says it. */
export type Deed = keyof Deeds;
