/** For threads whose work has time. */
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';

/**
 * Lets the thread that calls this run when the event loop and the readers of plates leave a core free: on Linux each thread has a nice value of
 * its own (setpriority(2), "C library/kernel differences"). Where that is not allowed it goes on as before.
 */
export function giveWay(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), constants.priority.PRIORITY_LOW);
  } catch {
    // Slower for the others, and no less right.
  }
}
