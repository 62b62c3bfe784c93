/**
 * Takes out of a node_modules what a box does not use: binaries of other systems and processors, sources, headers, and of the packages
 * that only bring models everything but the files that the manifest names. Those files stay, so that `npx sitebox models` verifies and
 * ./setup builds a damaged model again without a line. The nets for age, gender and emotion that two of these packages bring go.
 *
 *     node setup.prune.ts FOLDER
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readManifest } from './models/manifest.ts';

/** Of one system only: `linux` and its processor among these names stay. */
const BINARIES = ['onnxruntime-node/bin/napi-v6', 'better-sqlite3/prebuilds', '@serialport/bindings-cpp/prebuilds'];

/** What a compiler would need, books, and what would stand in, slowly, for a binary that is lost. */
const SOURCES = [
  '@img/sharp-wasm32',
  'better-sqlite3/deps',
  'better-sqlite3/src',
  '@serialport/bindings-cpp/src',
  ...['arm64', 'x64'].flatMap((cpu) => ['include', 'share', 'CHANGELOG.md'].map((part) => `node-linux-${cpu}/${part}`)),
];

interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Does it have GNU's C library? Otherwise musl. */
  readonly glibc: boolean;
}

const here: Machine = {
  platform: process.platform,
  arch: process.arch,
  glibc:
    (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime !==
    undefined,
};

/** Paths below `modules`, a node_modules, that the machine does not use. */
export function unused(modules: string, machine: Machine = here): string[] {
  const paths = [
    ...packagesIn(modules).filter((name) => !fits(join(modules, name, 'package.json'), machine)),
    ...BINARIES.flatMap((folder) => otherBinaries(modules, folder, machine)),
    ...SOURCES.filter((path) => exists(join(modules, path))),
    ...besideModels(modules),
  ];
  return [...new Set(paths)];
}

function packagesIn(modules: string): string[] {
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    return name.startsWith('@') ? readdirSync(join(modules, name)).map((part) => `${name}/${part}`) : [name];
  });
}

/** By the three keys that npm itself decides by; older ones do not know `libc`. */
function fits(file: string, { platform, arch, glibc }: Machine): boolean {
  if (!exists(file)) return true;
  const { os, cpu, libc } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string | string[] | undefined>;
  const allows = (key: string | string[] | undefined, value: string): boolean => {
    const words = [key ?? []].flat();
    if (words.includes(`!${value}`)) return false;
    return words.every((w) => w.startsWith('!')) || words.includes(value) || words.includes('any');
  };
  return allows(os, platform) && allows(cpu, arch) && allows(libc, glibc ? 'glibc' : 'musl');
}

/** Laid out as `linux/x64`, `linux-x64.node`, or `linux-x64` with a file for each C library. */
function otherBinaries(modules: string, folder: string, { platform, arch, glibc }: Machine): string[] {
  const below = (path: string, isOther: (name: string) => boolean): string[] =>
    list(join(modules, path))
      .filter(isOther)
      .map((name) => `${path}/${name}`);
  return list(join(modules, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (name === platform) return below(path, (cpu) => cpu !== arch);
    if (name === `${platform}-${arch}`) return below(path, (file) => file.includes(glibc ? '.musl.' : '.glibc.'));
    return name === `${platform}-${arch}.node` ? [] : [path];
  });
}

/** Packages that the manifest takes files from bring no code of ours. Their name, version and licence stay with the files. */
function besideModels(modules: string): string[] {
  const kept = readManifest().flatMap((m) => {
    if ('package' in m) return [`${m.package}/${m.file}`];
    return 'built' in m ? m.built.files.map(({ file }) => `${m.built.package}/${file}`) : [];
  });
  const packages = new Set(kept.map((path) => /^(@[^/]+\/)?[^/]+/.exec(path)![0]));
  return [...packages].flatMap((name) =>
    readdirSync(join(modules, name), { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(modules.length + 1))
      .filter((path) => !kept.includes(path) && !/\/(package\.json|LICEN[CS]E[^/]*|NOTICE[^/]*)$/i.test(path)),
  );
}

function list(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

if (import.meta.main) {
  const modules = resolve(process.argv[2] ?? 'node_modules');
  for (const path of unused(modules)) {
    rmSync(join(modules, path), { recursive: true });
    console.log(`removed ${path}`);
  }
}
