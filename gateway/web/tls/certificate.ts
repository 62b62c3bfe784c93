/**
 * The certificate of the box's web server: the site's own, out of files, or one that a private authority of this box signs and renews. The site's own is
 * read again when its files change.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Instant, Log } from '../../contracts/base.ts';
import { causeOf } from '../../contracts/errors.ts';
import { readCertificate, type KeyPair } from '../../contracts/key-pair.ts';
import { readRegular } from '../../contracts/regular-file.ts';
import type { Problem, Status } from '../../contracts/status.ts';
import { iso } from '../../contracts/time.ts';
import { problem } from '../../contracts/words/problem.ts';
import { unlessDamaged, type Db } from '../../store/db.ts';
import { AUTHORITY_FILE, CERTIFICATE_FILE } from '../../store/files/names.ts';
import { replaceFile } from '../../store/files/private-files.ts';
import { wipe } from '../../store/files/set-aside.ts';
import { putAuthority, storedAuthority, type StoredAuthority } from '../../store/tls-authority.ts';

const DAY_MS = 24 * 3_600_000;
/** Of our own certificate: long enough that a box that was off for a month still has a valid one. */
const RENEW_BEFORE_MS = 60 * DAY_MS;
const ALARM_BEFORE_MS = 30 * DAY_MS;
/** Time to visit every panel. */
const AUTHORITY_ALARM_BEFORE_MS = 180 * DAY_MS;
/** A certificate has room for more; no checkpoint has as many names. */
const MAX_NAMES = 64;
const DNS_NAME = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;

export interface CertificateOptions {
  readonly site: string;
  readonly box: string;
  /** Where the authority is kept. */
  readonly db: Db;
  /** Where what it has signed is kept. */
  readonly folder: string;
  /** By which browsers ask for the box, beside the names and addresses of this machine. */
  readonly hosts: readonly string[];
  /** Files of the site's own certificate, with those that lead to its authority, and of its key. */
  readonly own?: { readonly certificate: string; readonly key: string } | undefined;
  readonly now: () => Instant;
  readonly log: Log;
}

export interface TrustedAuthority {
  readonly certificate: string;
  /** SHA-256, as browsers show it. */
  readonly fingerprint: string;
}

export class BoxCertificate {
  readonly #options: CertificateOptions;
  #pair: KeyPair = { certificate: '', key: '' };
  #authority: StoredAuthority | undefined;
  /** The authority is in memory alone. */
  #isUnkept = false;
  /** Why the newest pair is not on disk, or the site's new one is not used. */
  #fault: string | undefined;

  readonly status: Status = {
    problems: () => this.#problems(),
    health: () => ({ tls: { until: iso(this.#until()), fingerprint: this.fingerprint } }),
  };

  private constructor(options: CertificateOptions) {
    this.#options = options;
  }

  /** Throws for files of the site that cannot be used. */
  static async open(options: CertificateOptions): Promise<BoxCertificate> {
    const opened = new BoxCertificate(options);
    if (options.own) opened.#pair = readCertificate(options.own);
    else await opened.#openPrivate();
    return opened;
  }

  get pair(): KeyPair {
    return this.#pair;
  }

  /** What panels have to trust; undefined for a certificate of the site. */
  get authority(): TrustedAuthority | undefined {
    if (!this.#authority) return undefined;
    const { certificate } = this.#authority;
    return { certificate, fingerprint: fingerprintOf(certificate) };
  }

  /** Of what people compare: the private authority, or the site's certificate. */
  get fingerprint(): string {
    return this.authority?.fingerprint ?? fingerprintOf(this.#pair.certificate);
  }

  /** By which other machines ask for a box that listens on all its addresses: one of `listen.hosts`, else an address. */
  get firstName(): string {
    const addresses = machineAddresses().filter((address) => isIP(address) === 4 && !address.startsWith('127.'));
    return this.#options.hosts[0] ?? addresses[0] ?? 'localhost';
  }

  /** True where the pair is a new one: the site's files have changed, ours is near its end, or the machine has another name or address. */
  async renew(): Promise<boolean> {
    const before = this.#pair.certificate;
    const { own } = this.#options;
    if (!own) await this.#renewPrivate();
    else {
      try {
        this.#pair = readCertificate(own);
        this.#fault = undefined;
      } catch (error) {
        this.#fault = causeOf(error);
      }
    }
    return this.#pair.certificate !== before;
  }

  async #openPrivate(): Promise<void> {
    const { db, folder, now } = this.#options;
    const stored = unlessDamaged(() => storedAuthority(db), undefined);
    const earlier = stored ? undefined : readPair(join(folder, AUTHORITY_FILE));
    this.#authority = stored ?? earlier;
    if (earlier) this.#keepAuthority();
    const kept = readPair(join(folder, CERTIFICATE_FILE));
    const isOurs = kept !== undefined && (!this.#authority || isSignedBy(kept, this.#authority));
    if (isOurs) this.#pair = kept;
    // Screens trust what it has signed, and that serves to its end.
    if (this.#authority?.key === undefined && !(isOurs && this.#until() > now())) await this.#newAuthority();
    await this.#renewPrivate();
  }

  async #newAuthority(): Promise<void> {
    const { site, box, now } = this.#options;
    const { makeAuthority } = await import('./authority.ts');
    this.#authority = await makeAuthority(`sitebox ${site}/${box}`, now());
    this.#pair = { certificate: '', key: '' };
    this.#keepAuthority();
  }

  #keepAuthority(): void {
    const { db, folder, now, log } = this.#options;
    const { certificate, key = '' } = this.#authority!;
    this.#isUnkept = true;
    try {
      putAuthority(db, { certificate, key, fingerprint: fingerprintOf(certificate), who: 'box', at: now() });
      this.#isUnkept = false;
      // Where earlier versions kept it, with its key as it is.
      wipe(join(folder, AUTHORITY_FILE));
      this.#fault = undefined;
    } catch (error) {
      this.#fault = causeOf(error);
      log.error({ cause: this.#fault }, 'the authority of the web server cannot be kept');
    }
  }

  async #renewPrivate(): Promise<void> {
    if (this.#isUnkept) this.#keepAuthority();
    const { now } = this.#options;
    const names = this.#names();
    if (this.#pair.certificate !== '' && isFit(new X509Certificate(this.#pair.certificate), names, now())) return;
    const { certificate, key } = this.#authority ?? {};
    if (certificate === undefined || key === undefined) return;
    const { signFor } = await import('./authority.ts');
    this.#pair = await signFor(names, { certificate, key }, now());
    this.#keep(CERTIFICATE_FILE, this.#pair);
  }

  /** What cannot be written serves from memory, and is an alarm. */
  #keep(file: string, { certificate, key }: KeyPair): void {
    try {
      replaceFile(join(this.#options.folder, file), key + certificate);
      this.#fault = undefined;
    } catch (error) {
      this.#fault = causeOf(error);
      this.#options.log.error({ cause: this.#fault }, 'the certificate of the web server cannot be kept');
    }
  }

  #names(): readonly string[] {
    const all = [...this.#options.hosts, hostname(), 'localhost', ...machineAddresses()];
    const usable = all.map((name) => name.replace(/^\[|\]$/g, '').toLowerCase());
    return [...new Set(usable)].filter((name) => isIP(name) || DNS_NAME.test(name)).slice(0, MAX_NAMES);
  }

  #until(): Instant {
    return new X509Certificate(this.#pair.certificate).validToDate.getTime();
  }

  /** What is in use cannot be renewed. */
  #isLost(): boolean {
    return !this.#options.own && this.#authority?.key === undefined;
  }

  #problems(): readonly Problem[] {
    const now = this.#options.now();
    const until = this.#until();
    const authorityUntil = this.#authority && new X509Certificate(this.#authority.certificate).validToDate.getTime();
    const isEnding = until - now < ALARM_BEFORE_MS;
    return [
      ...(isEnding ? [problem('tls:ends', 'tls-ends', { at: iso(until) })] : []),
      ...(authorityUntil !== undefined && authorityUntil - now < AUTHORITY_ALARM_BEFORE_MS
        ? [problem('tls:authority-ends', 'tls-authority-ends', { at: iso(authorityUntil) })]
        : []),
      ...(this.#isLost() ? [problem('tls:authority-lost', 'tls-authority-lost', { at: iso(until) })] : []),
      ...(this.#fault === undefined ? [] : [problem('tls:fault', 'tls-fault', { cause: this.#fault })]),
    ];
  }
}

/** Undefined where there is none that can be used: a new one is made. */
function readPair(path: string): KeyPair | undefined {
  try {
    const [, key, certificate] =
      /^(-----BEGIN PRIVATE KEY-----.*-----END PRIVATE KEY-----\n)(.*)$/s.exec(readRegular(path)) ?? [];
    if (key === undefined || certificate === undefined) return undefined;
    createSecureContext({ cert: certificate, key });
    return { certificate, key };
  } catch {
    return undefined;
  }
}

function machineAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  // Those of a link alone have a zone, which no certificate can name.
  return all.map(({ address }) => address).filter((address) => !address.startsWith('fe80:'));
}

function isSignedBy({ certificate }: KeyPair, authority: Pick<KeyPair, 'certificate'>): boolean {
  return new X509Certificate(certificate).verify(new X509Certificate(authority.certificate).publicKey);
}

/** Valid now and for a while, and for each of `names`. */
function isFit(certificate: X509Certificate, names: readonly string[], now: Instant): boolean {
  const isValid =
    certificate.validFromDate.getTime() <= now && certificate.validToDate.getTime() - now > RENEW_BEFORE_MS;
  return (
    isValid &&
    names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined)
  );
}

/** For a box whose authority is near its end or may have been stolen: it signs from the next start on. Returns its fingerprint. */
export async function replaceAuthority(
  { db, site, box, now }: Pick<CertificateOptions, 'db' | 'site' | 'box' | 'now'>,
  who: string,
): Promise<string> {
  const { makeAuthority } = await import('./authority.ts');
  const pair = await makeAuthority(`sitebox ${site}/${box}`, now());
  const fingerprint = fingerprintOf(pair.certificate);
  putAuthority(db, { ...pair, fingerprint, who, at: now() });
  return fingerprint;
}

export function fingerprintOf(certificate: string): string {
  return new X509Certificate(certificate).fingerprint256;
}
