/** What a lane can show, with the words and the colour that have to be on the screen then. */
import type { LaneView } from '../../contracts/display.ts';
import type { Comparison } from '../../contracts/comparison.ts';
import type { Stand } from '../server.fixtures.ts';

export const GREEN = 'rgb(6, 112, 58)';
const AMBER = 'rgb(255, 179, 0)';
const RED = 'rgb(179, 0, 21)';
const VIOLET = 'rgb(74, 39, 130)';
export const DARK = 'rgb(22, 33, 44)';

const same: Comparison = { outcome: 'same', score: 0.7, threshold: 0.4, models: [] };
const different: Comparison = { outcome: 'different', score: 0.1, threshold: 0.4, models: [] };
const longest = '核对证件与本人，通知值班民警到场；'.repeat(60).slice(0, 1000);

interface Case {
  readonly name: string;
  readonly act: (gate: Stand) => number;
  readonly colour: string;
  readonly zh: readonly string[];
  readonly en: readonly string[];
}
type Last = Parameters<Stand['outcome']>[0];
const outcome =
  (last: Last, more: Partial<LaneView> = {}) =>
  (gate: Stand): number => {
    gate.show({ away: [], noReader: false, declined: false, ...more });
    return gate.outcome({ document: 'resident-card', lastFour: '004X', ...last });
  };

/** Shown one after the other. */
export const cases: readonly Case[] = [
  {
    name: 'clear, the face agrees',
    act: outcome({ comparison: same }),
    colour: GREEN,
    zh: ['请通行', '人证一致', '居民身份证', '尾号 004X', '一短声'],
    en: ['Go on', 'Face and photo on the document agree', 'Resident card', 'ends in 004X'],
  },
  {
    name: 'clear, comparing, with a ticket',
    act: outcome({}, { ticket: 'TK-0042' }),
    colour: GREEN,
    zh: ['请通行', '正在比对人脸', '票码 TK-0042'],
    en: ['Go on', 'Comparing the face', 'Ticket TK-0042'],
  },
  {
    name: 'borrowed',
    act: outcome({ outcome: 'look at the document', reasons: ['expired', 'borrowed'], comparison: different }),
    colour: AMBER,
    zh: ['请查验证件', '证件已过期', '请核对持证人与证件照片', '人证不一致', '两短声'],
    en: ['Look at the document', 'expired', 'compare the holder with the photo yourself'],
  },
  {
    name: 'not read',
    act: (gate) => gate.outcome({ outcome: 'look at the document', reasons: ['not read'] }),
    colour: AMBER,
    zh: ['请查验证件', '请再放一次，放稳'],
    en: ['Look at the document', 'lay it down again and keep it still'],
  },
  {
    name: 'no list',
    act: outcome({ outcome: 'no list', comparison: { outcome: 'not compared', why: 'several faces' } }),
    colour: AMBER,
    zh: ['未核查名单', '没有生效的名单', '镜头前不止一人', '一长声'],
    en: ['No list in force', 'Nothing was looked up', 'more than one face'],
  },
  {
    name: 'listed, everything at its longest',
    act: outcome(
      {
        outcome: 'listed',
        category: '测试类别'.repeat(8),
        instruction: longest,
        reasons: ['expired'],
        comparison: different,
        entryComparison: { outcome: 'not compared', why: 'photo unusable' },
        document: 'permanent-resident-card',
      },
      { away: ['reader-1', 'reader-2'], declined: true, ticket: 'T'.repeat(24) },
    ),
    colour: RED,
    zh: ['比中名单', longest, '读卡器无应答：reader-1, reader-2', '下一次不做人脸比对', '三长声'],
    en: ['Listed', longest, 'Reader does not answer: reader-1, reader-2', 'Next face will not be compared'],
  },
  {
    name: 'listed, and then the only reader went away (D1: what somebody has to act on stays)',
    act: (gate) => gate.show({ away: ['reader-1'], noReader: true, presented: false }),
    colour: RED,
    zh: ['比中名单', '读卡器无应答：reader-1'],
    en: ['Listed', 'Reader does not answer: reader-1'],
  },
  {
    name: 'D1: no reader answers',
    act: outcome({}, { away: ['reader-1', 'reader-2'], noReader: true }),
    colour: VIOLET,
    zh: ['读卡器故障 · 请人工查验', '未读取任何证件', 'reader-1, reader-2'],
    en: ['Reader out of order · examine documents yourself', 'No document is read', 'reader-1, reader-2'],
  },
  {
    name: 'a document that was taken away',
    act: (gate) => {
      outcome({ comparison: same })(gate);
      return gate.show({ presented: false });
    },
    colour: 'rgb(12, 26, 19)',
    zh: ['证件已取走', '请通行'],
    en: ['Document taken away', 'Go on'],
  },
  {
    name: 'the next document, not looked up yet',
    act: (gate) => gate.show({ presented: true }),
    colour: DARK,
    zh: ['正在读取', '不保存'],
    en: ['Reading…', 'nothing is kept'],
  },
];
