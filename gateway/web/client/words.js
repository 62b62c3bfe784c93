/**
 * Every word of the lane page, Chinese and English. The tables are typed by the unions they put into words, so that a new outcome or
 * reason without words fails the tests. A reason says what is wrong (`what`) and what the attendant is to do (`act`).
 *
 * @typedef {import('../../contracts/display.ts').LaneOutcome} LaneOutcome
 * @typedef {import('../../contracts/display.ts').LookReason} LookReason
 * @typedef {import('../../contracts/comparison.ts').WhyNotCompared} WhyNotCompared
 * @typedef {import('../../contracts/document.ts').DocumentType} DocumentType
 * @typedef {'zh' | 'en'} Language
 * @typedef {Readonly<Record<Language, string>>} Words
 * @typedef {{ readonly what: Words, readonly act: Words }} Advice
 */

const AGAIN = { zh: '请再放一次，放稳', en: 'lay it down again and keep it still' };
const DATES = { zh: '请核对有效期', en: 'check the dates on it' };
const EXAMINE = { zh: '请人工查验', en: 'examine it yourself' };

/** @type {Readonly<Record<LaneOutcome, Words>>} */
export const outcomes = {
  clear: { zh: '请通行', en: 'Go on' },
  listed: { zh: '比中名单', en: 'Listed' },
  'look at the document': { zh: '请查验证件', en: 'Look at the document' },
  'no list': { zh: '未核查名单', en: 'No list in force' },
};

/** @type {Readonly<Record<LookReason, Advice>>} */
export const reasons = {
  expired: { what: { zh: '证件已过期', en: 'The document has expired' }, act: DATES },
  'not yet valid': { what: { zh: '证件尚未生效', en: 'The document is not valid yet' }, act: DATES },
  borrowed: {
    what: { zh: '疑似人证不符', en: "This may be someone else's document" },
    act: { zh: '请核对持证人与证件照片', en: 'compare the holder with the photo yourself' },
  },
  'check digit': {
    what: { zh: '证件号码校验不符', en: 'The number does not fit its check digit' },
    act: { zh: '请再放一次；仍不符，请查验真伪', en: 'lay it down again; if it stays so, examine the document' },
  },
  'unknown document': { what: { zh: '无法识别的证件类型', en: 'A kind of document not known here' }, act: EXAMINE },
  garbled: { what: { zh: '证件信息读取异常', en: 'What was read makes no sense' }, act: AGAIN },
  'not read': { what: { zh: '未读到证件', en: 'The document was not read' }, act: AGAIN },
  refused: {
    what: { zh: '读卡器不接受此证件', en: 'The reader does not accept it' },
    act: { zh: '请再放一次；仍不行，请人工查验', en: 'lay it down again; if it stays so, examine it yourself' },
  },
};

/** @type {Readonly<Record<WhyNotCompared, Words>>} */
export const whys = {
  'no face': { zh: '没有拍到人脸', en: 'no face before the camera' },
  'several faces': { zh: '镜头前不止一人', en: 'more than one face before the camera' },
  'too small': { zh: '离镜头太远', en: 'too far from the camera' },
  blurred: { zh: '画面模糊', en: 'the picture is blurred' },
  turned: { zh: '没有正对镜头', en: 'the face is turned away' },
  dark: { zh: '光线太暗', en: 'it is too dark' },
  'no camera': { zh: '没有摄像机画面', en: 'the camera shows nothing' },
  'no photo': { zh: '证件照片无法读取', en: 'the photo on the document cannot be decoded' },
  'photo unusable': { zh: '证件照片看不清人脸', en: 'no face can be made out on the photo' },
  'model off': { zh: '比对功能故障', en: 'the comparison is out of order' },
  'switched off': { zh: '本通道不比对', en: 'this lane does not compare' },
  declined: { zh: '游客不同意比对', en: 'the visitor declined' },
  removed: { zh: '证件取走太早', en: 'the document was taken away too early' },
};

/** @type {Readonly<Record<DocumentType, Words>>} */
export const documents = {
  'resident-card': { zh: '居民身份证', en: 'Resident card' },
  'residence-permit': { zh: '港澳台居民居住证', en: 'Residence permit' },
  'permanent-resident-card': { zh: '外国人永久居留身份证', en: 'Permanent resident card' },
  passport: { zh: '护照', en: 'Passport' },
  'travel-card': { zh: '旅行证件', en: 'Travel document' },
};

/** @satisfies {Readonly<Record<string, Words>>} */
export const words = {
  title: { zh: '验证通道', en: 'Gate lane' },
  ready: { zh: '请下一位', en: 'Next visitor' },
  readyHint: { zh: '请出示证件', en: 'Present the document' },
  reading: { zh: '正在读取…', en: 'Reading…' },
  readingHint: { zh: '请勿移动证件', en: 'Do not move the document' },
  takeBackHint: { zh: '请先取走读卡器上的证件', en: 'First take away what lies on the reader' },
  noReader: { zh: '读卡器故障 · 请人工查验', en: 'Reader out of order · examine documents yourself' },
  noReaderHint: {
    zh: '未读取任何证件。请检查读卡器的电源和连线；恢复后自动继续',
    en: 'No document is read. Check power and cable of the reader; the lane goes on by itself',
  },
  lost: { zh: '与主机连接中断', en: 'Display disconnected' },
  lostHint: { zh: '请人工查验证件，正在重新连接…', en: 'Examine documents yourself. Connecting again…' },
  away: { zh: '读卡器无应答', en: 'Reader does not answer' },
  awayHint: { zh: '（请检查电源和连线）', en: ' (check power and cable)' },
  notKept: {
    zh: '主机存储故障：命中未保存，请立即报告综合指挥室',
    en: 'The box cannot store: report hits to the command room at once',
  },
  finished: { zh: '证件已取走', en: 'Document taken away' },
  last: { zh: '上一位', en: 'Last visitor' },
  noList: {
    zh: '没有生效的名单，请人工查验证件，并告知综合指挥室',
    en: 'Nothing was looked up: examine the document yourself, tell the command room',
  },
  number: { zh: '尾号', en: 'ends in' },
  ticket: { zh: '票码', en: 'Ticket' },
  comparing: { zh: '正在比对人脸…', en: 'Comparing the face…' },
  same: { zh: '人证一致', en: 'Face and photo on the document agree' },
  different: { zh: '人证不一致', en: 'Face and photo on the document differ' },
  compareYourself: { zh: '请核对持证人与证件照片', en: 'Compare the holder with the photo yourself' },
  notCompared: { zh: '未比对人脸', en: 'Face not compared' },
  entrySame: { zh: '人脸与名单照片一致', en: 'Face and photo of the list agree' },
  entryDifferent: {
    zh: '人脸与名单照片不一致，请核对是否认错人',
    en: 'Face and photo of the list differ: it may be another person',
  },
  entryNotCompared: { zh: '未与名单照片比对', en: 'Not compared with the photo of the list' },
  decline: { zh: '不做人脸比对', en: 'No face comparison' },
  declined: { zh: '下一次不做人脸比对', en: 'Next face will not be compared' },
  declineFailed: { zh: '操作失败，请重按', en: 'That failed: press again' },
  sos: { zh: '队员紧急求助', en: 'SOS of the crew' },
  sosOwn: { zh: '求助装备定位', en: 'own position' },
  sosLastKnown: { zh: '最后已知位置', en: 'last known position' },
  sosOr: { zh: '也可能在', en: 'or perhaps at' },
  seconds: { zh: '秒前', en: 's ago' },
  minutes: { zh: '分钟前', en: 'min ago' },
  sosNowhere: { zh: '位置未知', en: 'position not known' },
  sosSeenRoom: { zh: '综合指挥室已收到', en: 'the command room has it' },
  sosSeenBox: { zh: '本站已签收', en: 'this post is on it' },
  sosTell: { zh: '请告知综合指挥室', en: 'tell the command room' },
  sosMore: { zh: '另有 {n} 起', en: '{n} more' },
  soundOff: { zh: '打开声音', en: 'Turn sound on' },
  soundOn: { zh: '声音已开', en: 'Sound is on' },
  language: { zh: 'English', en: '中文' },
};

/** What a sound pattern sounds like, for those who cannot hear it. @type {Readonly<Record<LaneOutcome | 'sos' | 'out' | 'lost', Words>>} */
export const sounds = {
  clear: { zh: '一短声', en: 'one short tone' },
  listed: { zh: '三长声', en: 'three long tones' },
  'look at the document': { zh: '两短声', en: 'two short tones' },
  'no list': { zh: '一长声', en: 'one long tone' },
  out: { zh: '高低交替四声', en: 'four tones, high and low in turn' },
  lost: { zh: '一短一长，低声', en: 'one short and one long low tone' },
  sos: { zh: '三短声、三长声、三短声', en: 'three short, three long, three short tones' },
};
