/** What an adapter is given, in tests: secrets from a table, and a log that is kept. */
import { vi } from 'vitest';
import type { Context } from '../../gateway/contracts/base.ts';
import { ConfigError } from '../../gateway/contracts/errors.ts';

export const SITE = 'demo';
export const BOX = 'box-001';

/** `said` gives all that was logged, so that a test can look for what must not be said. */
export function testContext(id: string, secrets: Readonly<Record<string, string>> = {}): Context & { said(): string } {
  const lines: string[] = [];
  const say = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return {
    id,
    site: SITE,
    box: BOX,
    log: { debug: vi.fn(say), info: vi.fn(say), warn: vi.fn(say), error: vi.fn(say) },
    check(schema, value) {
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      const { issues } = result.error as { issues: { path: (string | number)[]; message: string }[] };
      throw new ConfigError(issues.map(({ path, message }) => ({ path, message })));
    },
    file: (path) => path,
    logins: { waitMs: () => 0, wrong: () => undefined },
    secret(reference, path) {
      const value = secrets[reference];
      if (value === undefined) throw new ConfigError([{ path: [path], message: 'the secret is not there' }]);
      return value;
    },
    said: () => lines.join('\n'),
  };
}
