/** The drawn people through the built-in chain: everybody before the lane's camera against everybody's document photo. */
import { openBuiltIn } from '../../../models/face/built-in.ts';
import type { FaceChain } from '../../../models/face/chain.ts';
import { checkFaces, checkPoints, LANE, REFERENCE, type QualityLimits } from '../../../models/face/quality.ts';
import { openWorkspace } from '../../../models/face/workspace.ts';
import { loadModel } from '../../../models/manifest.ts';
import { loadPicture } from '../../../models/picture.ts';
import { encodeBmp, openFacePainter, snapshot } from '../../scene/face.ts';
import { laneShot, portraitShot, randomVariation, VARIATIONS } from '../../scene/face-shots.ts';
import { people } from '../../devices/gate/people.ts';
import { seeded } from '../../scene/random.ts';
import { measure, milliseconds, percentile, share, type Measure } from '../report.ts';

/** Besides the corners of VARIATIONS, for each person. */
const RANDOM_SHOTS = 4;

/** Milliseconds of each stage of one picture. */
interface Stages {
  readonly detect: number;
  readonly landmarks: number;
  readonly embed: number;
  /** With loading the picture, and judging it. */
  readonly all: number;
}

export async function measureIdentities(): Promise<Measure[]> {
  const chain = await openBuiltIn({
    detect: loadModel('face/detect'),
    landmarks: loadModel('face/landmarks'),
    embed: loadModel('face/embed'),
  });
  const painter = openFacePainter();
  const documents: Awaited<ReturnType<typeof see>>[] = [];
  for (const { seed } of people)
    documents.push(await see(chain, encodeBmp(await painter.draw(portraitShot(seed))), REFERENCE));
  const pairs = { same: 0, sameAccepted: 0, other: 0, otherAccepted: 0 };
  const lane: Stages[] = [];
  for (const [i, { seed }] of people.entries()) {
    const random = seeded(seed);
    const variations = [...VARIATIONS, ...Array.from({ length: RANDOM_SHOTS }, () => randomVariation(random))];
    for (const variation of variations) {
      const { noise, jpegQuality: quality } = variation;
      const jpeg = await snapshot(await painter.draw(laneShot(seed, variation)), { noise, quality, random });
      const { template: before, stages } = await see(chain, jpeg, LANE);
      lane.push(stages);
      for (const [j, { template }] of documents.entries()) {
        const accepted = before && template && chain.similarity(before, template) >= chain.threshold ? 1 : 0;
        pairs[i === j ? 'same' : 'other'] += 1;
        pairs[i === j ? 'sameAccepted' : 'otherAccepted'] += accepted;
      }
    }
  }
  const { same, sameAccepted, other, otherAccepted } = pairs;
  const documentStages = documents.map((d) => d.stages);
  return [
    measure('drawn people: same person accepted', share(sameAccepted, same), '%', same, { least: 99 }),
    measure('drawn people: different person accepted', otherAccepted, 'pairs', other, { most: 0 }),
    ...stageMeasures('lane picture', lane),
    ...stageMeasures('document photo', documentStages),
  ];
}

/** What models/face does with one picture, stage by stage. Without a template it is not compared. */
async function see(chain: FaceChain, file: Uint8Array, gates: QualityLimits) {
  const workspace = openWorkspace();
  const startedAt = performance.now();
  const picture = await loadPicture(file);
  const detectAt = performance.now();
  const faces = await chain.detect(picture, workspace);
  const detectedAt = performance.now();
  const poor = checkFaces(picture, faces, gates, workspace);
  const face = faces[0];
  const pointsAt = performance.now();
  const points = poor || !face ? undefined : await chain.points(picture, face, workspace);
  const embedAt = performance.now();
  const isGood = points !== undefined && face !== undefined && checkPoints(points, face) === undefined;
  // The workspace is wiped; these templates are of nobody and are compared with many.
  const template = isGood ? (await chain.embed(picture, points, workspace)).slice() : undefined;
  const endedAt = performance.now();
  workspace.wipe();
  const stages = { detect: detectedAt - detectAt, landmarks: embedAt - pointsAt, embed: endedAt - embedAt };
  return { template, stages: { ...stages, all: endedAt - startedAt } };
}

function stageMeasures(picture: string, stages: readonly Stages[]): Measure[] {
  const of = (stage: keyof Stages, words: string): Measure => {
    const ms = stages.map((s) => s[stage]);
    return milliseconds(`${picture}, ${words}, p50`, percentile(ms, 50), ms.length);
  };
  return [of('detect', 'face found'), of('landmarks', 'landmarks'), of('embed', 'embedding'), of('all', 'all stages')];
}
