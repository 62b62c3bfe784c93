import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run test:fast`, for people at work: no process of ours, no browser, no ffmpeg, no model. tidy.suite.ts holds the set to it. */
export default mergeConfig(base, {
  test: {
    exclude: [
      'simulators/*.test.ts',
      'simulators/{bench,camera,faults,gate,reader,scene}/**',
      'models/{build,face,plate}/**',
      'gateway/{cli,infer,page}/**',
      'gateway/{push,regular-file}.test.ts',
      'gateway/crew/kill.test.ts',
      'gateway/lanes/{change,moved,traffic}.test.ts',
      'adapters/cameras/rtsp/**',
      'adapters/readers/sdt/memory.test.ts',
      '{ci,eslint,loc,setup,setup.load,setup.npm,sitebox,tidy,tidy.promises,tidy.suite,vitest.guard}.test.ts',
    ],
  },
});
