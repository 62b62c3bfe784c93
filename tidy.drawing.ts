/**
 * `npm run rooms`: draws docs/rooms.svg, the rooms and who imports whom, from the imports themselves. A room that is reached through another one has no
 * arrow of its own (transitive reduction), and neither has what all may import: it is the bar at the foot.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GATEWAY_ROOMS, SIMULATOR_ROOMS } from './tidy.rooms.ts';
import { importsOf, targetOf, type Files } from './tidy.ts';

export const DRAWING = 'docs/rooms.svg';

/** Room -> the rooms that its files import. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

interface Panel {
  readonly title: string;
  /** Top down, as in tidy.rooms.ts. */
  readonly rooms: readonly string[];
}

const GATEWAY = Object.keys(GATEWAY_ROOMS).map((room) => `gateway/${room}`);
const SIMULATORS = Object.keys(SIMULATOR_ROOMS).map((room) => `simulators/${room}`);
const PRODUCT: Panel = {
  title: 'sitebox.ts, the rooms of gateway/, and what they are handed',
  rooms: ['sitebox.ts', ...GATEWAY, 'adapters', 'models'],
};
const AROUND: Panel = { title: 'simulators/ (dashed: imports the product)', rooms: SIMULATORS };
const FOOT = 'open to every room of gateway/: contracts, clock, supervise.ts, metrics.ts';
/** What every simulator may import of the product: bytes and types. */
const WIRE = /^(simulators|adapters|gateway\/contracts)/;

const WIDTH = 124;
const HEIGHT = 36;
/** Of an arrow that passes a row. */
const LANE = 12;
const GAP = 22;
const ROW = 88;
const MARGIN = 24;
const TOP = 64;

/** The code of the working tree that is drawn. */
export function codeOf(root: string): Files {
  const paths = globSync('{sitebox.ts,{gateway,adapters,models,simulators}/**/*.{ts,js}}', { cwd: root }).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** `gateway/road`, `simulators/demo`, `adapters`, `sitebox.ts`. */
function roomOf(path: string): string {
  const [top, room] = path.split('/');
  return top === 'gateway' || top === 'simulators' ? `${top}/${room}` : top!;
}

function graphOf(files: Files): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [path, text] of files) {
    if (/\.(test|fixtures)\./.test(path)) continue;
    const room = roomOf(path);
    const below = graph.get(room) ?? new Set<string>();
    graph.set(room, below);
    for (const { specifier } of importsOf(path, text)) {
      const target = specifier.startsWith('.') ? roomOf(targetOf(path, specifier)) : room;
      if (target !== room) below.add(target);
    }
  }
  return graph;
}

/** Only what lies between the rooms of a panel, without the arrows that a longer way makes needless. */
function reduced(graph: Graph, rooms: readonly string[]): Graph {
  const within = (room: string): string[] => rooms.filter((other) => graph.get(room)?.has(other));
  const reached = (room: string): Set<string> => {
    const below = within(room);
    return new Set([...below, ...below.flatMap((other) => [...reached(other)])]);
  };
  return new Map(
    rooms.map((room) => {
      const below = within(room);
      return [room, new Set(below.filter((one) => !below.some((other) => reached(other).has(one))))];
    }),
  );
}

/** One step of an arrow, from a row to the next. A place that is no room is one where an arrow passes a row; arrows to one room share it. */
type Steps = readonly (readonly [from: string, to: string])[];

/** Rooms in rows, each below all that import it; in a row in the order of those that import it, then in that of the table. */
function rowsOf(arrows: Graph, rooms: readonly string[]): { rows: readonly string[][]; steps: Steps } {
  const importersOf = (room: string): string[] => rooms.filter((other) => arrows.get(other)?.has(room));
  const depthOf = (room: string): number => Math.max(-1, ...importersOf(room).map(depthOf)) + 1;
  const rows: string[][] = [];
  for (const room of rooms) (rows[depthOf(room)] ??= []).push(room);
  const steps = new Map<string, readonly [string, string]>();
  for (const room of rooms)
    for (const other of arrows.get(room)!) {
      let from = room;
      for (let row = depthOf(room) + 1; row <= depthOf(other); row++) {
        const to = row === depthOf(other) ? other : `row ${row} > ${other}`;
        if (!rows[row]!.includes(to)) rows[row]!.push(to);
        steps.set(`${from} > ${to}`, [from, to]);
        from = to;
      }
    }
  const columns = new Map<string, number>();
  for (const row of rows) {
    const above = (place: string): number[] =>
      [...steps.values()].filter(([, to]) => to === place).map(([from]) => columns.get(from)!);
    const mean = (place: string): number => above(place).reduce((a, b) => a + b, 0) / Math.max(1, above(place).length);
    row.sort((a, b) => mean(a) - mean(b));
    row.forEach((place, i) => columns.set(place, i - (row.length - 1) / 2));
  }
  return { rows, steps: [...steps.values()] };
}

/** One panel at `left`: its width, its rows, and the elements of SVG. */
function drawPanel(
  graph: Graph,
  { title, rooms }: Panel,
  left: number,
): { width: number; rows: number; svg: string[] } {
  const { rows, steps } = rowsOf(reduced(graph, rooms), rooms);
  const isRoom = (place: string): boolean => rooms.includes(place);
  const widthOf = (row: readonly string[]): number =>
    row.reduce((sum, place) => sum + GAP + (isRoom(place) ? WIDTH : LANE), -GAP);
  const width = Math.max(...rows.map(widthOf));
  const places = new Map<string, { x: number; y: number }>();
  for (const [i, row] of rows.entries()) {
    let x = left + (width - widthOf(row)) / 2;
    for (const place of row) {
      const own = isRoom(place) ? WIDTH : LANE;
      places.set(place, { x: x + own / 2, y: TOP + i * ROW });
      x += own + GAP;
    }
  }
  const lines = steps.map(([from, to]) => {
    const [a, b] = [places.get(from)!, places.get(to)!];
    const [start, end] = [a.y + HEIGHT, isRoom(to) ? b.y - 7 : b.y];
    const bend = (end - start) / 2;
    const through = isRoom(to) ? '' : `V${b.y + HEIGHT}`;
    const head = isRoom(to) ? ' marker-end="url(#head)"' : '';
    return `<path class="arrow" d="M${a.x} ${start}C${a.x} ${start + bend} ${b.x} ${end - bend} ${b.x} ${end}${through}"${head}/>`;
  });
  const boxes = rooms.map((room) => {
    const { x, y } = places.get(room)!;
    const isInside = room.startsWith('simulators/') && [...(graph.get(room) ?? [])].some((other) => !WIRE.test(other));
    const box = `<rect class="room${isInside ? ' inside' : ''}" x="${x - WIDTH / 2}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="5"/>`;
    return `${box}<text x="${x}" y="${y + HEIGHT / 2 + 5}">${room.replace(/^.*\//, '')}</text>`;
  });
  const head = `<text class="title" x="${left + width / 2}" y="${TOP - 28}">${title}</text>`;
  return { width, rows: rows.length, svg: [head, ...lines, ...boxes] };
}

/** GitHub shows it on either ground: it brings a ground of its own, dark where the reader's system is. */
const STYLE = `
svg { --ground: #ffffff; --box: #f2f5f9; --line: #64748b; --text: #111827 }
@media (prefers-color-scheme: dark) { svg { --ground: #12171f; --box: #222b38; --line: #94a3b8; --text: #eef2f7 } }
text { fill: var(--text); text-anchor: middle; font: 14px ui-monospace, Menlo, Consolas, monospace }
.title { font: 15px system-ui, sans-serif }
.ground { fill: var(--ground) }
.room { fill: var(--box); stroke: var(--line) }
.inside { stroke-dasharray: 5 3 }
.arrow { fill: none; stroke: var(--line); stroke-width: 1.3 }
#head path { fill: var(--line) }
`;

export function drawRooms(files: Files): string {
  const graph = graphOf(files);
  const product = drawPanel(graph, PRODUCT, MARGIN);
  const around = drawPanel(graph, AROUND, product.width + 3 * MARGIN);
  const width = product.width + around.width + 4 * MARGIN;
  const foot = TOP + Math.max(product.rows, around.rows) * ROW - 24;
  const height = foot + HEIGHT + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The rooms and who imports whom">`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>',
    `<rect class="ground" width="${width}" height="${height}" rx="8"/>`,
    ...product.svg,
    ...around.svg,
    `<rect class="room" x="${MARGIN}" y="${foot}" width="${product.width}" height="${HEIGHT}" rx="5"/><text x="${MARGIN + product.width / 2}" y="${foot + HEIGHT / 2 + 4}">${FOOT}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, DRAWING), drawRooms(codeOf(import.meta.dirname)));
