/** A small disk of its own for a test: mounted, filled, made read-only, and unmounted again. Needs root; says why where it may not. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  /** Writes until nothing more fits; `free` removes what this wrote. */
  fill(): void;
  free(): void;
  readOnly(on: boolean): void;
  /** Ends whatever is still there, also while files are open. May be called twice. */
  unmount(): void;
}

/** `tmpfs` is memory; `ext4` lies in a file beside the folder, with its journal and its reserved blocks, as on a real box. */
export interface DiskOptions {
  readonly kind: 'tmpfs' | 'ext4';
  readonly megabytes: number;
}

/** Mounts a disk at `folder`, or gives in words why this user may not. */
export function mountDisk(folder: string, { kind, megabytes }: DiskOptions): SmallDisk | string {
  mkdirSync(folder, { recursive: true });
  const image = `${folder}.img`;
  if (kind === 'ext4') {
    const fd = openSync(image, 'w');
    ftruncateSync(fd, megabytes * 2 ** 20);
    closeSync(fd);
    const made = spawnSync('mkfs.ext4', ['-q', '-m', '0', image], { encoding: 'utf8' });
    if (made.status !== 0) return problemOf(made);
  }
  const what = kind === 'ext4' ? ['-o', 'loop', image] : ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs'];
  const mounted = spawnSync('mount', [...what, folder], { encoding: 'utf8' });
  if (mounted.status !== 0) return problemOf(mounted);
  const filler = join(folder, 'filler');
  let there = true;
  return {
    folder,
    fill: () => fillFile(filler),
    free: () => rmSync(filler, { force: true }),
    readOnly: (on) => void execFileSync('mount', ['-o', `remount,${on ? 'ro' : 'rw'}`, folder]),
    unmount() {
      if (!there) return;
      there = false;
      execFileSync('umount', ['--lazy', folder]);
      rmSync(image, { force: true });
    },
  };
}

function problemOf({ error, stderr }: { readonly error?: Error; readonly stderr: string }): string {
  return `this user may not mount a disk: ${(error?.message ?? stderr).trim()}`;
}

/** Down to the last byte. */
function fillFile(file: string): void {
  const fd = openSync(file, 'a');
  try {
    for (const size of [2 ** 20, 4096, 1]) {
      try {
        for (;;) writeSync(fd, Buffer.alloc(size, 1));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(fd);
  }
}
