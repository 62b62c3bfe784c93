/** Reads and checks the configuration file. Every error names line, path, what was expected, and a hint; unknown keys are errors. */
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { crewSchema, wholeNumber } from './crew.ts';
import { crossCheck } from './cross-check.ts';
import { problemsOf, readYaml, type ConfigFile, type Path } from './yaml.ts';
import { causeOf, ConfigError, type ConfigProblem } from '../contracts/errors.ts';
import { fileFaultLine } from '../contracts/file-errors.ts';
import { readCertificate } from '../contracts/key-pair.ts';
import { isHostName } from '../contracts/hosts.ts';
import { readRegularBytes } from '../contracts/regular-file.ts';
import { holdsPrivateKey, readSecret } from './secret.ts';
import type { Context, Log, Sha256 } from '../contracts/base.ts';
import { english } from '../contracts/words/words.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, english('config-id'));
const fraction = z.number().min(0).max(1);
const MIB = 2 ** 20;
/** Parts that carry further keys, which belong to the adapter named by `kind`. */
const parts = (most: number) =>
  z
    .array(z.looseObject({ id, kind: z.string() }))
    .max(most)
    .default([]);
/** A host name or address under which browsers may open the box's pages. */
const host = z.string().refine((name) => isHostName(name), english('config-host'));

/** Fractions of the picture. */
const polygon = z
  .array(z.tuple([fraction, fraction]))
  .min(3)
  .max(32);
const roadLane = z.strictObject({
  id,
  kind: z.literal('road'),
  cameras: z.array(id).min(1).max(4),
  /** By camera: the part of its picture that is this lane's, where several lanes look at it. */
  regions: z.record(id, polygon).default({}),
});
const gateLane = z.strictObject({
  id,
  kind: z.literal('gate'),
  readers: z.array(id).min(1).max(4),
  camera: id.optional(),
  compare: z.boolean().default(true),
});

/** For the whole box. A lane compares faces when this block exists, the lane has a camera, and `compare` of the lane is not false. */
const comparison = z.strictObject({
  sign: z.string().trim().min(1, english('config-sign')).max(500),
  models: z.enum(['built-in', 'opencv']).default('built-in'),
  threshold: z.number().min(-1).max(1).optional(),
  photoDecoder: z.looseObject({ kind: z.string() }).optional(),
});

/** The file. `cameras`, `readers`, `photoDecoder` and `upstream` carry further keys that belong to the adapter named by `kind`. */
const schema = z.strictObject({
  site: id,
  box: id.default('box-001'),
  timeZone: z.string().refine(isTimeZone, english('config-time-zone')).default('Asia/Shanghai'),
  storage: z.strictObject({ folder: z.string().min(1) }),
  listen: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: wholeNumber(0, 65535).default(8420),
      hosts: z.array(host).max(16).default([]),
      tls: z.strictObject({ certificate: z.string().min(1), key: z.string().min(1) }).optional(),
    })
    .prefault({}),
  lists: z.strictObject({ trust: z.string().min(1), policy: z.string().min(1).optional() }),
  cameras: z
    .array(z.looseObject({ id, kind: z.string(), region: polygon.optional() }))
    .max(16)
    .default([]),
  readers: parts(16),
  lanes: z
    .array(z.discriminatedUnion('kind', [roadLane, gateLane]))
    .max(16)
    .default([]),
  crew: crewSchema.optional(),
  comparison: comparison.optional(),
  upstream: parts(8),
  inference: z
    .strictObject({
      threads: wholeNumber(1, 16).default(2),
      deadlineMs: wholeNumber(200, 60_000).default(5_000),
    })
    .prefault({}),
  hits: z.strictObject({ windowS: wholeNumber(1, 3600).default(60) }).prefault({}),
  limits: z
    .strictObject({
      listBytes: wholeNumber(1024, 256 * MIB).default(96 * MIB),
      listEntries: wholeNumber(1, 200_000).default(100_000),
      outboxRows: wholeNumber(100).default(200_000),
      outboxBytes: wholeNumber(MIB).default(1024 * MIB),
      minFreeDiskBytes: wholeNumber(0).default(256 * MIB),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});

export type Config = z.infer<typeof schema> & {
  /** Of the file. */
  readonly sha256: Sha256;
  readonly file: string;
};

/** Reads and checks everything but the adapters' own keys; throws ConfigError with every mistake. Paths become absolute. */
export function loadConfig(file: string): Config {
  const loaded = readConfig(file);
  loaded.throwProblems();
  return loaded.config;
}

/** As loadConfig, but `openParts` opens each adapter with a context from here before `throwProblems`, so that all mistakes are reported at once. */
export function readConfig(file: string) {
  const bytes = readBytes(file);
  const yaml = readYaml(bytes.toString('utf8'));
  const problems: ConfigProblem[] = [...yaml.problems];
  const parsed = yaml.value === undefined && yaml.problems.length > 0 ? undefined : schema.safeParse(yaml.value ?? {});
  if (parsed && !parsed.success) problems.push(...problemsOf(schema, parsed.error, yaml.value));
  // Without a valid configuration there is nothing for the adapters to check.
  if (!parsed?.success) throw withLines(file, yaml, problems);
  problems.push(...crossCheck(parsed.data));

  const base = dirname(resolve(file));
  const [secrets, files] = [new Set<string>(), new Set<string>()];
  const data = parsed.data;
  const config: Config = {
    ...data,
    storage: { folder: resolve(base, data.storage.folder) },
    listen: listenFrom(base, data.listen),
    lists: {
      trust: resolve(base, data.lists.trust),
      policy: data.lists.policy === undefined ? undefined : resolve(base, data.lists.policy),
    },
    file: resolve(file),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const { tls } = config.listen;
  if (tls) {
    files.add(tls.key);
    problems.push(...certificateProblems(tls));
  }
  return {
    config,
    /** Adds a mistake found elsewhere, e.g. an unknown `kind`. */
    addProblem: (problem: ConfigProblem) => void problems.push(problem),
    /** Adds the mistakes that the part at `path` threw, except those that are known already. */
    addProblems(path: Path, error: ConfigError) {
      const known = new Set(problems.map((p) => p.path.join('.')));
      const news = error.problems
        .filter((p) => !problems.includes(p))
        .map((p) => ({ ...p, path: [...path, ...p.path] }));
      // A missing value is reported once.
      problems.push(...news.filter((p) => !known.has(p.path.join('.'))));
    },
    /** Files of secrets and of private keys that contexts were asked for so far. */
    privateFiles: () => [...secrets, ...[...files].filter(holdsPrivateKey)],
    /** Throws one ConfigError with all mistakes collected so far, if any. */
    throwProblems() {
      if (problems.length > 0) throw withLines(file, yaml, problems);
    },
    /** A context for the part at `path` (for example `['cameras', 0]`); its mistakes are collected. */
    context: (path: Path, partId: string, log: Log): Omit<Context, 'logins'> => ({
      id: partId,
      site: config.site,
      box: config.box,
      log,
      check(part, value) {
        const result = part.safeParse(value);
        if (result.success) return result.data;
        const mistakes = problemsOf(part, result.error, value).map((p) => ({ ...p, path: [...path, ...p.path] }));
        problems.push(...mistakes);
        throw new ConfigError(mistakes);
      },
      file(path) {
        files.add(resolve(base, path));
        return resolve(base, path);
      },
      secret(reference, key) {
        if (reference.startsWith('file:')) secrets.add(resolve(base, reference.slice('file:'.length)));
        const secret = readSecret(reference, base);
        if (typeof secret === 'string') return secret;
        const at = [...path, ...key.split('.')];
        // Two parts of a camera use its password.
        const isKnown = problems.some((p) => p.path.join('.') === at.join('.') && p.message === secret.message);
        if (!isKnown) problems.push({ path: at, ...secret });
        return '';
      },
    }),
  };
}

function listenFrom(base: string, { tls, ...listen }: z.infer<typeof schema>['listen']): Config['listen'] {
  if (!tls) return listen;
  return { ...listen, tls: { certificate: resolve(base, tls.certificate), key: resolve(base, tls.key) } };
}

function certificateProblems(tls: { readonly certificate: string; readonly key: string }): ConfigProblem[] {
  try {
    readCertificate(tls);
    return [];
  } catch (error) {
    const message = english('config-tls-pair', { ...tls, cause: causeOf(error) });
    return [{ path: ['listen', 'tls', 'certificate'], message, hint: english('pem-expected') }];
  }
}

function readBytes(file: string): Buffer {
  try {
    return readRegularBytes(file, { linked: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const hint = (code === 'ENOENT' ? undefined : fileFaultLine(error)) ?? english('config-check-path');
    throw new ConfigError([{ path: [], message: english('config-unreadable', { code }), hint }], file);
  }
}

function withLines(file: string, yaml: ConfigFile, problems: readonly ConfigProblem[]): ConfigError {
  const withLines = problems.map((p) => {
    if (p.line !== undefined) return { ...p, line: p.line };
    const last = p.path.at(-1);
    const parent = p.path.slice(0, -1);
    // The line of an unknown key is its own; that of any other mistake is the value's or, if it is missing, the nearest parent's.
    const line = typeof last === 'string' ? yaml.line(parent, last) : yaml.line(p.path);
    return { ...p, line };
  });
  return new ConfigError(
    withLines.sort((a, b) => a.line - b.line),
    file,
  );
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
