/** The threads of the box: those that run models, and the one that decodes what plate cameras push. */
import type { OpenedParts } from '../config/parts.ts';
import type { Log } from '../contracts/base.ts';
import type { Models } from '../contracts/models.ts';
import type { ModelSelection } from '../inference/jobs.ts';
import { Recogniser, type RecogniserOptions } from '../inference/recogniser.ts';
import type { Supervisor } from '../supervise.ts';

export function openRecogniser(
  parts: OpenedParts,
  models: Models,
  supervisor: Supervisor,
  log: Log,
  undo: (() => Promise<void> | void)[],
): Recogniser {
  const recogniser = new Recogniser({
    ...threadsFor(parts, supervisor),
    models,
    decodesPushes: parts.cameras.some((c) => c.pushes),
    deadlineMs: parts.config.inference.deadlineMs,
    log,
  });
  undo.push(() => recogniser.close());
  return recogniser;
}

/** No thread is started that has nothing to do, and none loads a model that no lane asks for. */
function threadsFor(
  { config, cameras }: OpenedParts,
  { off }: Supervisor,
): Pick<RecogniserOptions, 'threads' | 'selection'> {
  const { comparison, lanes } = config;
  const compares = lanes.some((l) => l.kind === 'gate' && l.compare && l.camera !== undefined);
  const selection: ModelSelection = {
    plates: lanes.some((l) => l.kind === 'road'),
    ...(comparison && compares
      ? {
          faces: {
            chain: comparison.models,
            ...(comparison.threshold === undefined ? {} : { threshold: comparison.threshold }),
          },
        }
      : {}),
  };
  return { threads: cameras.length === 0 || off('inference') ? 0 : config.inference.threads, selection };
}
