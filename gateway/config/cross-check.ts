/** Mistakes of the configuration that show only when its blocks are held against each other. */
import type { ConfigProblem } from '../contracts/errors.ts';
import { english, words } from '../contracts/words/words.ts';
import { didYouMean } from './yaml.ts';

/** What is held against each other. */
interface ConfigBlocks {
  readonly cameras: readonly WithId[];
  readonly readers: readonly WithId[];
  readonly upstream: readonly WithId[];
  readonly lanes: readonly LaneConfig[];
  readonly crew?: { readonly equipment: readonly WithId[] } | undefined;
}
interface WithId {
  readonly id: string;
}
interface RoadLaneConfig extends WithId {
  readonly kind: 'road';
  readonly cameras: readonly string[];
  readonly regions: Readonly<Record<string, unknown>>;
}
interface GateLaneConfig extends WithId {
  readonly kind: 'gate';
  readonly readers: readonly string[];
  readonly camera?: string | undefined;
}
type LaneConfig = RoadLaneConfig | GateLaneConfig;

/** Mistakes across blocks: repeated ids, cameras and readers that no lane or two lanes use. */
export function crossCheck(data: ConfigBlocks): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (data.lanes.length === 0 && !data.crew) {
    problems.push({ path: ['lanes'], message: english('config-lane-or-crew'), hint: english('config-see-example') });
  }
  const blocks = { cameras: data.cameras, readers: data.readers, lanes: data.lanes, upstream: data.upstream };
  for (const [part, items] of Object.entries({ ...blocks, 'crew.equipment': data.crew?.equipment ?? [] })) {
    const seen = new Map<string, number>();
    for (const [i, item] of items.entries()) {
      const before = seen.get(item.id);
      if (before !== undefined) {
        const message = english('config-id-taken', { id: item.id, part: `${part}.${before}` });
        problems.push({ path: [...part.split('.'), i, 'id'], message, hint: english('config-ids-differ') });
      }
      seen.set(item.id, i);
    }
  }
  const uses = [...crossUse(data, 'camera'), ...crossUse(data, 'reader')];
  return [...problems, ...uses, ...data.lanes.flatMap((lane, i) => regionProblems(lane, i))];
}

/** A lane has regions of its own cameras alone. */
function regionProblems(lane: LaneConfig, at: number): ConfigProblem[] {
  if (lane.kind !== 'road') return [];
  const { cameras, regions } = lane;
  const foreign = Object.keys(regions).filter((camera) => !cameras.includes(camera));
  return foreign.map((id) => {
    const hint = didYouMean(id, cameras, english('config-known-cameras', { ids: cameras.join(', ') }));
    return { path: ['lanes', at, 'regions', id], message: english('config-region-camera', { id }), hint };
  });
}

/** A reader belongs to one lane, and so does a camera, unless each of its lanes is a road and has a part of the picture of its own. */
function crossUse(data: ConfigBlocks, what: 'camera' | 'reader'): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const block = `${what}s` as const;
  const known = data[block].map((part) => part.id);
  const used = new Map<string, LaneConfig>();
  for (const [i, lane] of data.lanes.entries()) {
    for (const [where, part] of usesOf(lane, what)) {
      const path = ['lanes', i, ...where];
      if (!known.includes(part)) {
        const ids = known.length > 0 ? known.join(', ') : words('none-known');
        const hint = didYouMean(part, known, english(`config-known-${block}`, { ids }));
        problems.push({ path, message: english(`config-no-${what}`, { id: part }), hint });
      }
      const other = used.get(part);
      if (other && !(hasRegion(lane, part) && hasRegion(other, part))) {
        const mayShare = lane.kind === 'road' && other.kind === 'road';
        const hint = mayShare ? { hint: english('config-camera-shared', { id: part }) } : {};
        problems.push({ path, message: english(`config-${what}-taken`, { id: part, lane: other.id }), ...hint });
      }
      used.set(part, lane);
    }
  }
  for (const [i, part] of known.entries()) {
    if (!used.has(part))
      problems.push({ path: [block, i, 'id'], message: english(`config-${what}-unused`, { id: part }) });
  }
  return problems;
}

function hasRegion(lane: LaneConfig, camera: string): boolean {
  return lane.kind === 'road' && Object.hasOwn(lane.regions, camera);
}

/** The ids that a lane names, each with its path inside the lane. */
function usesOf(lane: LaneConfig, what: 'camera' | 'reader'): (readonly [path: (string | number)[], id: string])[] {
  if (lane.kind === 'road') return what === 'camera' ? lane.cameras.map((c, j) => [['cameras', j], c]) : [];
  if (what === 'reader') return lane.readers.map((r, j) => [['readers', j], r]);
  return lane.camera === undefined ? [] : [[['camera'], lane.camera]];
}
