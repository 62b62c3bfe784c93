/** A checkpoint laid out in a folder, as an operator would do it: root of trust, configuration, secret, signed list. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { siteboxOrThrow } from './gateway.ts';

export interface SiteOptions {
  readonly folder: string;
  /** Of the box's web server; 0 takes a free one. */
  readonly port: number;
  /** Camera id -> its keys in the configuration (`kind`, `url` …). All stand in one lane. */
  readonly cameras: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Relay id -> its keys in the configuration. */
  readonly upstream?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Further keys of the configuration, e.g. `hits` or `limits`. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface Site {
  readonly folder: string;
  readonly configFile: string;
  /** Where the box keeps everything. */
  readonly storage: string;
}

export const SITE = 'demo';
export const LANE = 'lane-1';

/** A fresh signing secret of the Standard Webhooks form. */
export function newSecret(): string {
  return `whsec_${randomBytes(24).toString('base64')}`;
}

/** Writes root of trust (one key per role) and configuration. JSON is YAML, so the configuration needs no writer of its own. */
export async function laySite(options: SiteOptions): Promise<Site> {
  const { folder, cameras, upstream = {}, more = {} } = options;
  mkdirSync(folder, { recursive: true });
  const named = (parts: Readonly<Record<string, object>>) =>
    Object.entries(parts).map(([id, keys]) => ({ id, ...keys }));
  const config = {
    site: SITE,
    storage: { folder: 'data' },
    listen: { port: options.port },
    lists: { trust: 'trust/root.json' },
    cameras: named(cameras),
    lanes: [{ id: LANE, kind: 'road', cameras: Object.keys(cameras) }],
    upstream: named(upstream),
    ...more,
  };
  const configFile = join(folder, 'sitebox.yaml');
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  await siteboxOrThrow('list', 'new-root', '--out', join(folder, 'trust'), '--keys', '1');
  return { folder, configFile, storage: join(folder, 'data') };
}

/**
 * The box forgets that it was killed lately. Three runs within five minutes that were killed before they stored anything would be safe mode, with
 * cameras, deliveries and readers off: not what is tried where it is killed again and again.
 */
export function forgetEnds({ storage }: Pick<Site, 'storage'>): void {
  rmSync(join(storage, 'ends.json'), { force: true });
}

export interface WantedPlate {
  readonly plate: string;
  readonly category: string;
  readonly instruction: string;
}

/** A stolen vehicle with this plate. */
export const stolen = (plate: string): WantedPlate => {
  return { plate, category: 'stolen', instruction: 'stop the vehicle' };
};

export interface WantedDocument extends Omit<WantedPlate, 'plate'> {
  readonly number: string;
  /** PNG. */
  readonly photo?: Uint8Array;
}

/** Signs a list of `wanted` for the site and imports it; entry ids are E-1, E-2, … `version` must grow. */
export async function giveList(site: Site, version: number, wanted: readonly WantedPlate[]): Promise<void> {
  const rows = wanted.map((w, i) => [`E-${i + 1}`, w.plate, w.category, w.instruction]);
  await give(site, 'plate-list', version, 'id,plate,category,instruction', rows);
}

/** The same for documents: entry ids are D-1, D-2, … The numbers stay in the table; the list holds their digests. */
export async function giveDocumentList(site: Site, version: number, wanted: readonly WantedDocument[]): Promise<void> {
  const rows = wanted.map((w, i) => {
    const photo = w.photo ? `documents-${version}-${i + 1}.png` : '';
    if (w.photo) writeFileSync(join(site.folder, photo), w.photo);
    return [`D-${i + 1}`, w.number, w.category, w.instruction, photo];
  });
  await give(site, 'doc-list', version, 'id,number,category,instruction,photo', rows);
}

/** What the list office does with a table, from its CSV file to the box. `rows` have the columns of `head`. */
async function give(
  site: Site,
  type: 'plate-list' | 'doc-list',
  version: number,
  head: string,
  rows: readonly (readonly string[])[],
): Promise<void> {
  const from = new Date(Date.now() - 60_000).toISOString();
  const until = new Date(Date.now() + 6 * 86_400_000).toISOString();
  const answerable = ['simulation', 'list office (simulated)', 'duty officer (simulated)', from, until];
  const name = type === 'plate-list' ? `list-${version}` : `documents-${version}`;
  const lines = [`${head},legalBasis,issuer,authorisedBy,validFrom,validUntil`];
  for (const row of rows) lines.push([...row, ...answerable].map(cell).join(','));
  const table = join(site.folder, `${name}.csv`);
  const list = join(site.folder, `${name}.json`);
  writeFileSync(table, `${lines.join('\n')}\n`);
  const key = readdirSync(join(site.folder, 'trust')).find((name) => /^list-.*\.key$/.test(name));
  if (key === undefined) throw new Error('the folder has no list key');
  const how = ['--key', join(site.folder, 'trust', key), '--site', SITE, '--type', type, '--version', `${version}`];
  await siteboxOrThrow('list', 'sign', table, '--out', list, '--yes', ...how);
  await siteboxOrThrow('list', 'import', list, '--config', site.configFile, '--yes', '--by', 'simulator');
}

/** A text that holds a comma or a quote stands in quotes (RFC 4180). */
function cell(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
