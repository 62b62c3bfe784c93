/** Every adapter by the name that stands as `kind` in the configuration. The only place that knows them all. */
import type { OpenSource } from '../gateway/types.ts';
import { openRtsp } from './cameras/rtsp/source.ts';

export const cameras: Readonly<Record<string, OpenSource>> = {
  rtsp: openRtsp,
};
