/** What the gateway has in memory, documents and faces among it, is written to no disk by a crash, by the kernel or by Node. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

describe('memory that nobody is to keep', () => {
  const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const DUMPS =
    /heap-?snapshot|heap-?prof|--report|process\.report|diagnostic-dir|--(cpu-)?prof\b|inspect(or|-brk|=|$)/im;

  it('is not dumped when the gateway crashes, and not swapped out', () => {
    const unit = text('systemd/sitebox.service');
    expect(unit).toMatch(/^LimitCORE=0$/m);
    expect(unit).toMatch(/^MemorySwapMax=0$/m);
    // The signal would open Node's inspector, which reads all memory.
    expect(unit).toMatch(/^ExecStart=\S+\/node --disable-sigusr1 /m);
  });

  it('is written down by no option of Node, and by no code of ours', () => {
    const folders = ['gateway', 'adapters', 'models'];
    const code = folders.flatMap((folder) =>
      readdirSync(new URL(`../../${folder}`, import.meta.url), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
        .map((name) => `${folder}/${name}`),
    );
    expect(code.length).toBeGreaterThan(100);
    const started = ['systemd/sitebox.service', 'systemd/sitebox.sh', 'sitebox.mjs', 'package.json', 'setup'];
    expect([...started, ...code].filter((path) => DUMPS.test(text(path)))).toEqual([]);
    for (const broken of [
      '--heapsnapshot-signal=SIGUSR2',
      'v8.writeHeapSnapshot()',
      '--report-on-signal',
      'node --inspect',
    ])
      expect(broken).toMatch(DUMPS);
  });
});
