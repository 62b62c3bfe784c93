/** A thread for the pool's tests. */
import { serveJobs } from './serve.ts';

export type TestJob =
  | { readonly kind: 'echo'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'hang' }
  | { readonly kind: 'fail' }
  | { readonly kind: 'die' };

export interface TestResults {
  readonly echo: Uint8Array<ArrayBuffer>;
  readonly hang: never;
  readonly fail: never;
  readonly die: never;
}

serveJobs<TestJob>({ models: ['test'] }, async (job) => {
  switch (job.kind) {
    case 'echo':
      return { result: job.bytes, transfer: [job.bytes.buffer] };
    case 'hang':
      for (;;);
    case 'fail':
      throw new Error('this job cannot be done');
    case 'die':
      process.exit(3);
  }
});
