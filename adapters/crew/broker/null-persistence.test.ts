/** aedes calls its store and its emitter by name: what is missing ends the program when a device sends the packet for it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { nullPersistence } from './null-persistence.ts';

const FOLDER = dirname(new URL(import.meta.resolve('aedes')).pathname);
const sources = [
  join(FOLDER, 'aedes.js'),
  ...['lib', 'lib/handlers'].flatMap((folder) =>
    readdirSync(join(FOLDER, folder))
      .filter((name) => name.endsWith('.js'))
      .map((name) => join(FOLDER, folder, name)),
  ),
].map((path) => readFileSync(path, 'utf8'));

/** What is called on `object` anywhere in aedes. */
const called = (object: string): string[] => {
  const calls = sources.flatMap((text) => [...text.matchAll(new RegExp(`\\b${object}\\s*\\.(\\w+)\\(`, 'g'))]);
  return [...new Set(calls.map(([, name]) => name!))].sort();
};

it('has everything that the aedes which is installed calls', () => {
  const { persistence, mq } = nullPersistence(() => undefined);
  expect(called('persistence').length).toBeGreaterThan(10);
  expect(called('persistence').filter((name) => !(name in persistence))).toEqual([]);
  expect(called('mq').length).toBeGreaterThan(3);
  expect(called('mq').filter((name) => !(name in mq))).toEqual([]);
});

it('reads on after the packet that the parser is at, never in the middle of it', () => {
  const order: string[] = [];
  const { mq } = nullPersistence(() => undefined);
  mq.emit({}, () => order.push('next packet'));
  order.push('this packet');
  return new Promise<void>((resolve) =>
    setImmediate(() => {
      expect(order).toEqual(['this packet', 'next packet']);
      resolve();
    }),
  );
});
