/** A private certificate authority of one box, and the certificates that it signs (RFC 5280). Loaded only to sign: its libraries take a third of a second. */
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { createPrivateKey, type webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { Instant } from '../../contracts/base.ts';
import type { KeyPair } from '../../contracts/key-pair.ts';

const DAY_MS = 24 * 3_600_000;
/** Every panel that trusts it has to be visited when it ends. */
const AUTHORITY_MS = 20 * 365 * DAY_MS;
/** Browsers take up to 825 days of a private authority. */
const CERTIFICATE_MS = 365 * DAY_MS;
/** A box whose clock was never set makes an authority all the same, and it must not be over when the clock is right. */
const EARLIEST = Date.UTC(2026, 0, 1);
/** Supported by every browser that knows TLS 1.2. */
const KEYS = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export async function makeAuthority(name: string, now: Instant): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    notBefore: new Date(EARLIEST),
    notAfter: new Date(Math.max(now, EARLIEST) + AUTHORITY_MS),
    signingAlgorithm: KEYS,
    keys,
    extensions: [
      // It signs servers, and no further authority.
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
}

/** For a server that browsers ask for by `names`: host names and addresses, the first one also as its common name. */
export async function signFor(names: readonly string[], authority: KeyPair, now: Instant): Promise<KeyPair> {
  const signer = new X509Certificate(authority.certificate);
  const pkcs8 = createPrivateKey(authority.key).export({ type: 'pkcs8', format: 'der' });
  const signingKey = await crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), KEYS, false, ['sign']);
  const keys = await crypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [names[0] ?? 'sitebox'] }],
    issuer: signer.subjectName,
    notBefore: new Date(now - 2 * DAY_MS),
    notAfter: new Date(now + CERTIFICATE_MS),
    signingAlgorithm: KEYS,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(signer.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
