/** A Dahua camera that reads plates by itself and pushes them here. */
import { z } from 'zod';
import type { Log } from '../../../gateway/contracts/base.ts';
import type { Observation, OpenSource } from '../../../gateway/contracts/source.ts';
import { confidenceScaleKey, pushKeys, fieldMappingOf, serverOptionsOf } from '../push/config.ts';
import { openDigestGuard } from '../push/digest.ts';
import { runPush } from '../push/server.ts';
import { DAHUA_SUCCESS, isDahuaPath, openDahuaParser } from './codec.ts';

const dahuaConfig = z.strictObject({
  ...pushKeys,
  // Its paths are known to everybody, so it has to log in.
  user: pushKeys.user.unwrap(),
  password: pushKeys.password.unwrap(),
  confidenceScale: confidenceScaleKey.default(255),
});

/** What integrations take these words to mean; how the camera hangs may turn them round. */
const DIRECTIONS = { obverse: 'approaching', reverse: 'leaving' } as const;

/** Checks the configuration; `run` listens. Emits `heartbeat` and `pushed`. */
export const openDahuaCamera: OpenSource = (value, context) => {
  const config = context.check(dahuaConfig, value);
  const login = { user: config.user, password: context.secret(config.password, 'password') };
  const reading = fieldMappingOf(config, DIRECTIONS);
  const watchScale = config.confidenceScale === 255 ? scaleWatch(context.id, context.log) : () => undefined;
  const options = {
    ...serverOptionsOf(config, context),
    digest: openDigestGuard(login),
    dialect: {
      handles: isDahuaPath,
      openParser: (path: string, contentType: string) => openDahuaParser(path, contentType, reading),
      success: DAHUA_SUCCESS,
    },
  };
  return {
    pushes: true,
    run: (emit, signal) =>
      runPush(
        options,
        (observation) => {
          watchScale(observation);
          emit(observation);
        },
        signal,
      ),
  };
};

/** Reads without one above 100 after which the scale is doubted. */
const DOUBTFUL_READS = 50;

/**
 * Confidence is seen up to 100 and up to 255, depending on the firmware. The larger scale is taken until the configuration says
 * otherwise, because a guess in the other direction would make sure reads of doubtful ones; the log says when it looks wrong.
 */
function scaleWatch(camera: string, log: Log): (o: Observation) => void {
  let reads = 0;
  return (o) => {
    if (o.kind !== 'pushed' || o.read.confidence === undefined || reads > DOUBTFUL_READS) return;
    reads = o.read.confidence > 100 / 255 ? Infinity : reads + 1;
    if (reads !== DOUBTFUL_READS) return;
    reads++;
    log.warn({ camera }, 'no confidence above 100 in 50 reads: if this camera counts to 100, set confidenceScale: 100');
  };
}
