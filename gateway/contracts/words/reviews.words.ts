/** Hits and what people say of them: states, reasons, outcomes, and why an opinion is refused. */
import { area } from './area.ts';

export const reviews = area({
  'review-state-unreviewed': { en: 'unreviewed', zh: '未研判' },
  'review-state-first': { en: 'one opinion, a second one is needed', zh: '已有一人研判，待第二人' },
  'review-state-one-opinion': { en: 'one opinion, not reviewed', zh: '单人研判，未复核' },
  'review-state-confirmed': { en: 'confirmed', zh: '已确认' },
  'review-state-dismissed': { en: 'dismissed', zh: '已排除' },
  'review-state-disputed': { en: 'disputed', zh: '两人意见不一' },

  'verdict-confirm': { en: 'confirm', zh: '确认' },
  'verdict-dismiss': { en: 'dismiss', zh: '排除' },

  'reason-same-vehicle': { en: 'it is the listed vehicle', zh: '就是名单上的车' },
  'reason-clone-suspected': {
    en: 'the plate agrees, the vehicle does not: a clone is suspected',
    zh: '号牌相符、车不相符，疑似套牌',
  },
  'reason-plate-misread': { en: 'the plate was read wrongly', zh: '号牌认错' },
  'reason-other-vehicle': { en: 'it is another vehicle', zh: '不是名单上的车' },
  'reason-entry-out-of-date': { en: 'the entry is out of date', zh: '名单条目已过时' },
  'reason-picture-too-poor': { en: 'the pictures are too poor to judge', zh: '图片太差，无法判断' },
  'reason-same-person': { en: 'it is the listed person', zh: '就是名单上的人' },
  'reason-listed-document': {
    en: 'it is the listed document, whoever carries it',
    zh: '就是名单上的证件，不论持证人是谁',
  },
  'reason-other-person': { en: 'it is another person', zh: '不是名单上的人' },

  'outcome-right': { en: 'right', zh: '属实' },
  'outcome-wrong': { en: 'wrong', zh: '有误' },
  'outcome-clone-suspected': { en: 'clone suspected', zh: '疑似套牌' },
  'outcome-not-met': { en: 'not met', zh: '未遇到' },
  'outcome-cannot-say': { en: 'cannot say', zh: '无法判断' },

  'certainty-exact': { en: 'exact', zh: '完全一致' },
  'certainty-possible': { en: 'possible', zh: '疑似' },

  'review-final': { en: 'this hit has been judged; no further opinion is taken', zh: '该命中已有结论，不再接受意见' },
  'review-same-person': {
    en: 'this person has judged this hit; the second opinion is that of another service number',
    zh: '此人已研判过该命中；第二个意见须由另一警号给出',
  },
  'review-two-auxiliaries': {
    en: 'two auxiliaries do not decide: the second opinion is that of a police officer',
    zh: '两名辅警不能定论：第二个意见须由民警给出',
  },
  'review-wrong-reason': {
    en: 'this reason does not belong to this verdict on a hit of this kind',
    zh: '这一理由不适用于这类命中的这种意见',
  },
  'review-characters-missing': {
    en: 'first say what you read at each doubtful position of the plate, one character each, or ? where nothing can be read',
    zh: '请先写出号牌上每个存疑位置看到的字符，每位一个；看不清写 ?',
  },
  'review-was-wrong': {
    en: 'on the spot the hit was found wrong: it can be dismissed, and not confirmed',
    zh: '现场已认定该命中有误：只能排除，不能确认',
  },
  'review-outcome-early': {
    en: 'an outcome is recorded once the hit has been judged; before that only `wrong`, by a police officer',
    zh: '命中研判之后才登记现场结果；之前只能由民警登记“有误”',
  },
  'review-outcome-given': { en: 'the outcome of this hit has been recorded', zh: '该命中的现场结果已登记' },
  'review-wrong-by-police': { en: '`wrong` is recorded by a police officer', zh: '“有误”须由民警登记' },
  'review-room-not-named': {
    en: 'the policy of this site does not say that two names of this command room count as two opinions: send each opinion as review.v2, with service number and kind',
    zh: '本站策略没有规定该指挥室的两个姓名等于两个意见：请按 review.v2 逐个发送，写明警号和身份',
  },
  'review-unreadable': {
    en: 'this hit cannot be read: a key of the store is lost, /health says which and what to do',
    zh: '这个命中读不出来：存储的密钥丢失，/health 说明缺哪一把、怎么办',
  },
  'review-unknown-hit': { en: 'this box has no such hit, or has erased it', zh: '本机没有这个命中，或已清除' },
  'review-not-allowed': { en: 'this person may judge no hit now', zh: '此人目前不能研判' },
  'review-other-kind': {
    en: 'the account of this service number at the box is of another kind (police or auxiliary)',
    zh: '该警号在本机账户中的身份（民警或辅警）与此不同',
  },
  'review-not-dismissed': { en: 'this box has dismissed no such hit', zh: '本机没有排除过这个命中' },

  'erasure-unanswered': {
    en: '{relay} has not said of {hits|dismissed hit|dismissed hits} that it erased what it holds',
    zh: '{relay} 尚未答复已清除 {hits} 个被排除的命中',
  },
  'erasure-unanswered-todo': {
    en: 'ask the command room to erase the hits that its review events name, and to answer with erased.v1 (docs/upstream.md)',
    zh: '请指挥室清除 review 事件所列的命中，并以 erased.v1 答复（docs/upstream.md）',
  },
});
