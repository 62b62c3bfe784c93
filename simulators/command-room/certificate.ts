/** Throw-away certificates for loopback, made by the openssl command. */
import { execFileSync } from 'node:child_process';
import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Valid for two days, or already expired; for 127.0.0.1 and localhost, or for `name` only. PEM; the certificate is its own authority. */
export function makeCertificate({ expired = false, name }: { expired?: boolean; name?: string } = {}) {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sitebox-cert-'));
  const names = name ? `DNS:${name}` : 'IP:127.0.0.1,DNS:localhost';
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', 'key.pem', '-out', 'cert.pem', '-subj', '/CN=sitebox test'];
  const more = ['-days', '2', '-addext', `subjectAltName=${names}`];
  const openssl = (all: string[]): void => void execFileSync('openssl', all, { cwd: folder.path, stdio: 'ignore' });
  openssl([...args, ...files, ...more]);
  // `req` makes no expired certificate; signing again does.
  if (expired) openssl(['x509', '-in', 'cert.pem', '-signkey', 'key.pem', '-days', '-1', '-out', 'cert.pem']);
  const read = (file: string): string => readFileSync(join(folder.path, file), 'utf8');
  return { key: read('key.pem'), cert: read('cert.pem') };
}
