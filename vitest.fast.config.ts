import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run test:fast`, for people at work: no process of ours, no browser, no ffmpeg, no model. tidy.suite.ts holds the set to it. */
export default mergeConfig(base, {
  test: {
    exclude: [
      'simulators/{bench,demo,faults,rigs,scene}/**',
      'simulators/devices/{gate,reader,road-camera}/**',
      'models/*.test.ts',
      'models/{build,face,plate}/**',
      'gateway/{cli,inference,web}/**',
      'gateway/contracts/regular-file.test.ts',
      'gateway/crew/kill.test.ts',
      'gateway/devices/tampering.test.ts',
      'gateway/road/motion-gate.test.ts',
      'gateway/store/sealing/rekey.test.ts',
      'gateway/store/upgrade.large.test.ts',
      'gateway/road/tracking/traffic.test.ts',
      'adapters/cameras/onvif/{discovery,events}.test.ts',
      'adapters/cameras/rtsp/**',
      'adapters/readers/sdt/memory.test.ts',
      '{ci,eslint,loc,release,setup,setup.load,setup.npm,sitebox,tidy,tidy.promises,tidy.rooms,tidy.suite,vitest.guard}.test.ts',
    ],
  },
});
