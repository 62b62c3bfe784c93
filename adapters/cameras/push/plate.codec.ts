/**
 * The plate as cameras write it: firmware for China puts the colour of the plate before it (`蓝皖A12345`), some firmware behind it, and a
 * camera that could read none writes words where the plate would stand. Pure.
 */
import type { PlateColour } from '../../../gateway/contracts/plate.ts';

export type ParsedPlate =
  /** The camera saw a vehicle and read no plate. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'plate';
      /** Without colour, and without what steers a screen around it; otherwise as it was written. */
      readonly text: string;
      /** Undefined where no colour stands in the plate. */
      readonly colour: PlateColour | undefined;
    };

/**
 * What makers call colours (ISAPI's plateColor, ITSAPI's PlateColor, and what stands in plates). Colours that this box has no name for
 * are words too, since they have to go all the same.
 */
const COLOUR_WORDS: readonly (readonly [PlateColour, readonly string[]])[] = [
  ['blue', ['蓝', '藍', '深蓝', '浅蓝', '湖蓝', '天蓝', 'blue']],
  ['yellow', ['黄', '黃', '深黄', '浅黄', '农黄', '农用黄', 'yellow']],
  ['white', ['白', '警白', 'white']],
  ['black', ['黑', 'black']],
  [
    'green',
    [
      ...[
        '绿',
        '綠',
        '渐变绿',
        '绿渐变',
        '绿色渐变',
        '渐变',
        '纯绿',
        '深绿',
        '浅绿',
        '农绿',
        '农用绿',
        '新能源绿',
        '新能源',
        '小型新能源',
        '新能源小型车',
      ],
      ...['green', 'newenergygreen', 'newenergy', 'shadowgreen', 'gradientgreen'],
    ],
  ],
  [
    'yellow-green',
    [
      ...[
        '黄绿',
        '绿黄',
        '黃綠',
        '黄绿双拼',
        '双拼黄绿',
        '黄绿双色',
        '黄绿渐变',
        '双拼',
        '双色',
        '新能源黄绿',
        '大型新能源',
      ],
      ...['新能源大型车', 'yellowgreen', 'greenyellow', 'newenergyyellowgreen', 'doublegreen'],
    ],
  ],
  [
    'unknown',
    [
      ...[
        '民航黑',
        '民航绿',
        '红',
        '灰',
        '棕',
        '紫',
        '银',
        '橙',
        '粉',
        '金',
        '其他',
        '其它',
        '未知',
        '混合',
        '混色',
        '无色',
      ],
      ...['civilaviationblack', 'civilaviationgreen', 'red', 'grey', 'gray', 'other', 'unknown', 'mixedcolor'],
    ],
  ],
];

const COLOURS = new Map(COLOUR_WORDS.flatMap(([colour, words]) => words.map((word) => [word, colour] as const)));

/** Between colour and plate: `蓝 皖A12345`, `(蓝)皖A12345`, `blue_皖A12345`, and what nobody sees. */
const GAP = String.raw`[\p{C}\p{Z}\p{P}\p{S}]*`;
/** Longest first: 黄绿 is no yellow plate. Words of several parts are written `yellow-green` and `Yellow Green` too. */
const WORD = [...COLOURS.keys()]
  .sort((a, b) => b.length - a.length)
  .map((word) =>
    word.replace(
      /(?<=yellow|green(?=yellow)|newenergy|shadow|gradient|double|civilaviation|mixed)(?=[a-z])/g,
      '[ _/-]?',
    ),
  )
  .join('|');
/** 蓝, 蓝色, 蓝牌, 蓝底, 蓝色车牌, 蓝底白字, Blue Plate. */
const SUFFIXES = '色?(?:车?牌照?|底(?:[白黑红]色?字)?|[ _-]?plate)?';
const SUFFIX = new RegExp(`${SUFFIXES}$`, 'u');
/** Two rows or one, as some firmware says before or behind the colour: 双黄, 黄双. By itself it needs both characters. */
const NAMED = `[双雙单單]?(?<colour>${WORD})${SUFFIXES}(?:[双雙单單](?![拼色]))?`;
const LAYERED = '(?:双|雙|单|單)[层層]';
/** What stands before the plate on some prints, and is kept: 车牌：皖A12345. */
const LABEL = String.raw`[车車]?(?:牌照?|号牌|號牌)(?:号码?|號碼?)?\p{Z}*:`;
const unnamed = (part: string): string => part.replace('?<colour>', '?:');
/**
 * Some firmware writes the colour twice, for plate and car or before and behind: the first counts. No bound on how many: V8 writes a bounded
 * repeat out, which made the first read block the loop for 90 ms. A field is 64 characters at most.
 */
const MARKS = `${GAP}(?:(?:${unnamed(NAMED)}|${LAYERED}|${LABEL})${GAP})+`;
/** A number of its own behind the plate: its layers, or how sure the camera is. No plate has such a mark in it. */
const NUMBER = String.raw`\p{Z}*[,;|]\p{Z}*\d{1,3}(?:\.\d{1,4})?%?`;
const FIRST_COLOUR = new RegExp(NAMED, 'iu');

/**
 * How plates begin: a Chinese character with a letter or digit behind it, the armed police, an embassy's number. 黑 is a colour and a
 * province: `黑A12345` is a plate of Heilongjiang, because `A12345` begins as no plate does, and `黑皖A12345` is a black plate.
 */
const BEGINS_AS_PLATE = String.raw`(?:\p{Script=Han}[\s·.-]?[A-Z\d]|WJ|\d{6}使)`;
const BEFORE = new RegExp(`^${MARKS}(?=${BEGINS_AS_PLATE})`, 'iu');
/** The shortest plates have 7 characters: `皖A12RED` is one, and no red one. */
const BEHIND = new RegExp(
  `^(?<plate>(?=${BEGINS_AS_PLATE}).{7,}?)(?<marks>(?:${GAP}(?:${unnamed(NAMED)}|${LAYERED})|${NUMBER})+${GAP})$`,
  'iu',
);
/** `蓝无车牌`, `无牌车 黄`. */
const COLOUR_OF_NONE = new RegExp(`^${MARKS}|${MARKS}$`, 'iu');
/** What brackets leave around a plate, where something came off. */
const EDGES = /^[\p{C}\p{Z}\p{P}\p{S}]+|[\p{C}\p{Z}\p{P}\p{S}]+$/gu;

/** What cameras write where a plate would stand and they could read none. */
const NO_PLATE = new Set([
  ...['', 'unknown', 'unknow', 'noplate', 'none', 'null', 'na', 'nan', 'undefined', 'unlicensed', 'unrecognized', '0'],
  ...['notrecognized', 'norecognition', 'nolicense', 'nolicenseplate', 'unidentified', 'nonumber'],
  ...[
    '无车牌',
    '无牌',
    '无牌车',
    '无号牌',
    '无车牌号',
    '未识别',
    '未识别车牌',
    '未识别到车牌',
    '未知',
    '未知车牌',
    '未检测到车牌',
    '车牌',
    '未上牌',
    '临牌',
    '临时车牌',
    '临时号牌',
  ],
  ...['未悬挂', '未悬挂号牌', '无法识别', '识别失败', '车牌未知', '没有车牌', '无'],
]);

/** NUL, line ends, byte order marks and blanks at the ends, as fields of fixed length leave them. */
const MARGIN = /^[\p{C}\p{Z}]+|[\p{C}\p{Z}]+$/gu;

/** Zero-width characters and byte order marks, wherever they stand. What turns the line is another text than is seen, and stays to be refused. */
const UNSEEN = /\u{200b}|\u{200c}|\u{200d}|\u{2060}|\u{feff}|\u{ad}/gu;

/** The older forms of what stands on plates: cameras of Hong Kong and Macao write 粵. */
const OLDER: Readonly<Record<string, string>> = {
  粵: '粤',
  滬: '沪',
  魯: '鲁',
  貴: '贵',
  雲: '云',
  陝: '陕',
  贛: '赣',
  遼: '辽',
  寧: '宁',
  閩: '闽',
  瓊: '琼',
  蘇: '苏',
  晉: '晋',
  學: '学',
  領: '领',
  掛: '挂',
};
const OLDER_FORMS = new RegExp(`[${Object.keys(OLDER).join('')}]`, 'gu');

/** Reads what stands in a plate field. Never fails: what is no plate comes back as text, and is told apart by who looks it up. */
export function parsePlateField(field: string): ParsedPlate {
  const seen = field.replace(UNSEEN, '').replace(MARGIN, '');
  const written = seen.replace(OLDER_FORMS, (older) => OLDER[older]!);
  // Full-width letters for the comparison only: what is handed on stays as it was written.
  const plain = written.normalize('NFKC');
  if (isNone(plain) || isNone(plain.replace(COLOUR_OF_NONE, ''))) return { kind: 'none' };
  const before = BEFORE.exec(plain);
  const rest = before ? plain.slice(before[0].length) : plain;
  const behind = BEHIND.exec(rest);
  if (before || behind) {
    const text = (behind?.groups?.['plate'] ?? rest).replace(EDGES, '');
    return { kind: 'plate', text, colour: colourIn(before?.[0]) ?? colourIn(behind?.groups?.['marks']) };
  }
  return { kind: 'plate', text: written, colour: undefined };
}

/** Compiles the expressions, which takes V8 tens of milliseconds, before a camera waits for its answer: V8 compiles twice, for the first read and again from the second on. */
export function preparePlateField(): void {
  for (let i = 0; i < 2; i++) parsePlateField('皖A12345');
}

/** Undefined where layers, labels and numbers alone came off. */
function colourIn(marks: string | undefined): PlateColour | undefined {
  const word = FIRST_COLOUR.exec(marks ?? '')?.groups?.['colour'];
  return word === undefined ? undefined : colourOf(word);
}

/** Blanks and punctuation alone (`--`, `****`) are no plate either. */
const isNone = (text: string): boolean => NO_PLATE.has(text.toLowerCase().replace(/[\p{P}\p{S}\p{Z}\p{C}]/gu, ''));

/** A maker's word for a colour, in a field of its own or in the plate; `unknown` for one that is not known here. */
export function colourOf(word: string | undefined): PlateColour {
  const plain = (word ?? '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_/-]/g, '');
  return COLOURS.get(plain) ?? COLOURS.get(plain.replace(SUFFIX, '')) ?? 'unknown';
}
