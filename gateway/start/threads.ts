/** The threads of the box: those that run models, and the one that decodes what plate cameras push. */
import type { OpenedParts } from '../config/parts.ts';
import type { Log } from '../contracts/base.ts';
import type { Models } from '../contracts/models.ts';
import type { ModelSelection } from '../inference/jobs.ts';
import { Recogniser } from '../inference/recogniser.ts';
import type { Supervisor } from '../supervise.ts';

/** No thread is started that has nothing to do, and none loads a model that no lane asks for. */
export function openRecogniser(
  { config, cameras }: OpenedParts,
  models: Models,
  { off }: Supervisor,
  log: Log,
  undo: (() => Promise<void> | void)[],
): Recogniser {
  const { comparison, lanes, inference } = config;
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
  const recogniser = new Recogniser({
    threads: cameras.length === 0 || off('inference') ? 0 : inference.threads,
    selection,
    models,
    decodesPushes: cameras.some((c) => c.pushes),
    deadlineMs: inference.deadlineMs,
    log,
  });
  undo.push(() => recogniser.close());
  return recogniser;
}
