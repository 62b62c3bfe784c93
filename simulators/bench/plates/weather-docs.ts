/** The tables and the plot of docs/plates.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { allPlateStyles } from '../../scene/plate-text.ts';
import { everyCell, percentOf, rows, widths, type PictureResult } from './weather-survey.ts';

const PAGE = new URL('../../../docs/plates.md', import.meta.url);
const PLOT = new URL('../../../docs/plates-weather.svg', import.meta.url);
const BEGIN = '<!-- weather:begin, written by simulators/bench/plates/weather.ts -->';
const END = '<!-- weather:end -->';

/** Puts the tables between the marks of the page, and writes the plot anew. */
export function writeDocs(outcomes: readonly PictureResult[]): void {
  const text = [extent(outcomes), weatherTable(outcomes), styleTable(outcomes)].join('\n\n');
  writeFileSync(PAGE, between(readFileSync(PAGE, 'utf8'), text));
  writeFileSync(PLOT, weatherPlot(outcomes));
}

/** How much the figures rest on. */
function extent(outcomes: readonly PictureResult[]): string {
  const each = Math.floor(outcomes.length / everyCell.length);
  const wrong = outcomes.reduce((sum, o) => sum + o.falseAccepted, 0);
  const accepted = outcomes.filter((o) => o.accepted).length + wrong;
  return `${outcomes.length} pictures, ${each} for each condition and width; of ${accepted} reads in the band accept ${wrong} ${wrong === 1 ? 'was' : 'were'} wrong.`;
}

/** `page` with `text` in place of what stands between its marks. Throws where the marks are missing. */
export function between(page: string, text: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page needs the lines ${BEGIN} and ${END}`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** Read whole, and in brackets accepted, percent; a row for each condition and a column for each width. */
export function weatherTable(outcomes: readonly PictureResult[]): string {
  const cells = rows.map((row) =>
    widths.map((widthPx) => cellOf(outcomes.filter((o) => o.row.name === row.name && o.widthPx === widthPx))),
  );
  return table(
    'condition',
    rows.map((r) => r.name),
    cells,
  );
}

/** The same for each style, over the conditions by day, by night and in rain. */
export function styleTable(outcomes: readonly PictureResult[]): string {
  const usual = outcomes.filter((o) => ['plain', 'night', 'rain'].includes(o.row.condition.kind));
  const cells = allPlateStyles.map((style) =>
    widths.map((widthPx) => cellOf(usual.filter((o) => o.style === style && o.widthPx === widthPx))),
  );
  return table('plate, by day, by night and in rain', [...allPlateStyles], cells);
}

function cellOf(outcomes: readonly PictureResult[]): string {
  if (outcomes.length === 0) return '–';
  return `${Math.round(percentOf(outcomes, 'whole'))} (${Math.round(percentOf(outcomes, 'accepted'))})`;
}

function table(corner: string, names: readonly string[], cells: readonly (readonly string[])[]): string {
  const head = `| ${corner} | ${widths.map((w) => `${w} px`).join(' | ')} |`;
  const rule = `|---|${widths.map(() => '---:|').join('')}`;
  return [head, rule, ...names.map((name, i) => `| ${name} | ${cells[i]!.join(' | ')} |`)].join('\n');
}

/** The worst of each kind of weather; all would be too many lines to tell apart. Colours of Okabe and Ito, told apart by everybody. */
const LINES = [
  { name: 'day', colour: '#000000', dash: '' },
  { name: 'dark night', colour: '#0072b2', dash: '' },
  { name: 'heavy rain', colour: '#56b4e9', dash: '8 3' },
  { name: 'strong glare', colour: '#e69f00', dash: '' },
  { name: 'motion 5 px', colour: '#009e73', dash: '' },
  { name: 'motion 15 px', colour: '#009e73', dash: '3 3' },
  { name: 'thick dirt', colour: '#d55e00', dash: '8 3' },
  { name: 'angle 60°', colour: '#cc79a7', dash: '' },
] as const;

const AREA = { left: 60, top: 40, width: 520, height: 320 } as const;

/** Percent read whole against the width of the plate, as an SVG document. */
export function weatherPlot(outcomes: readonly PictureResult[]): string {
  const { left, top, width, height } = AREA;
  const [narrowest, widest] = [Math.min(...widths), Math.max(...widths)];
  const x = (px: number): number => left + ((px - narrowest) / (widest - narrowest)) * width;
  const y = (percent: number): number => top + (1 - percent / 100) * height;
  const grid = [0, 20, 40, 60, 80, 100].map(
    (p) =>
      `<path d="M${left} ${y(p)}h${width}" stroke="#ddd"/><text x="${left - 8}" y="${y(p) + 4}" text-anchor="end">${p}</text>`,
  );
  const ticks = widths.map(
    (px) =>
      `<path d="M${x(px)} ${top + height}v5" stroke="#333"/><text x="${x(px)}" y="${top + height + 20}" text-anchor="middle">${px}</text>`,
  );
  const lines = LINES.map(({ name, colour, dash }, i) => {
    const points = widths.flatMap((px) => {
      const there = outcomes.filter((o) => o.row.name === name && o.widthPx === px);
      return there.length === 0 ? [] : [[x(px).toFixed(1), y(percentOf(there, 'whole')).toFixed(1)] as const];
    });
    const stroke = `fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"`;
    const dots = points.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3" fill="${colour}"/>`).join('');
    const legendY = top + 10 + i * 22;
    return `<polyline points="${points.map((p) => p.join(',')).join(' ')}" ${stroke}/>${dots}
    <path d="M${left + width + 25} ${legendY}h30" ${stroke}/><text x="${left + width + 62}" y="${legendY + 4}">${name}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 420" font-family="sans-serif" font-size="13" fill="#222">
    <rect width="740" height="420" fill="#fff"/>
    <text x="${left}" y="22" font-size="15">Drawn plates read whole, percent</text>
    ${grid.join('')}${ticks.join('')}
    <path d="M${left} ${top}v${height}h${width}" fill="none" stroke="#333"/>
    <text x="${left + width / 2}" y="${top + height + 42}" text-anchor="middle">width of the plate, pixels</text>
    ${lines.join('\n    ')}
</svg>
`;
}
