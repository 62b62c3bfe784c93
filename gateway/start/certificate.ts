/** The certificate of the web server, where others than this machine reach it. */
import type { Config } from '../config/config.ts';
import type { Log } from '../contracts/base.ts';
import { isLoopbackHost } from '../contracts/hosts.ts';
import type { Db } from '../store/db.ts';
import { BoxCertificate } from '../web/tls/certificate.ts';

/** Undefined for a box that listens on loopback and has no certificate of its own. */
export async function openCertificate(config: Config, db: Db, log: Log): Promise<BoxCertificate | undefined> {
  const { site, box, listen, storage } = config;
  if (!listen.tls && isLoopbackHost(listen.host)) return undefined;
  const hosts = [listen.host, ...listen.hosts].filter((host) => host !== '0.0.0.0' && host !== '::');
  const { folder } = storage;
  return await BoxCertificate.open({ site, box, db, folder, hosts, own: listen.tls, now: Date.now, log });
}
