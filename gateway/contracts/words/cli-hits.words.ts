/** What `sitebox hits` says, and its help. */
import { area } from './area.ts';

export const cliHits = area({
  'help-hits': { en: 'hits, and what people say of them', zh: '命中及其研判' },
  'help-hits-list': { en: 'the newest hits, without plates', zh: '最近的命中，不显示号牌' },
  'help-hits-show': {
    en: 'one hit; of a possible one the listed plate is withheld until somebody judges it',
    zh: '查看一个命中；疑似命中在研判前不显示名单号牌',
  },
  'help-hits-opinion': { en: 'judge a hit: confirm or dismiss it', zh: '研判命中：确认或排除' },
  'help-hits-outcome': { en: 'record what was found on the spot', zh: '登记现场结果' },
  'help-hits-lane': { en: 'only of this lane', zh: '只看这条通道' },
  'help-hits-state': { en: 'only in this state', zh: '只看这种状态' },
  'help-hits-id': { en: 'the id of the hit', zh: '命中编号' },
  'help-hits-number': { en: 'your service number; the password is asked for', zh: '本人警号；随后输入密码' },
  'help-hits-verdict': {
    en: 'confirm or dismiss; asked for otherwise',
    zh: 'confirm（确认）或 dismiss（排除）；不写则询问',
  },
  'help-hits-reason': { en: 'why, one of the codes; asked for otherwise', zh: '理由代码；不写则询问' },
  'help-hits-characters': {
    en: 'of a possible plate: what you read at each doubtful position; asked for otherwise',
    zh: '疑似号牌：每个存疑位置看到的字符；不写则询问',
  },
  'help-hits-pictures': {
    en: 'write the pictures into this folder; they count as opened',
    zh: '把图片写到这个目录；记为已查看',
  },
  'help-hits-outcome-is': { en: 'what was found', zh: '现场结果' },

  'hits-none': { en: 'no such hit', zh: '没有这样的命中' },
  'hits-row': {
    en: '{id}  {at}  {lane}  {category}  {certainty}  {state}',
    zh: '{id}  {at}  {lane}  {category}  {certainty}  {state}',
  },
  'hits-head': {
    en: '{id}  {at}  lane {lane}  {category}  {certainty}',
    zh: '{id}  {at}  通道 {lane}  {category}  {certainty}',
  },
  'hits-entry': {
    en: '  entry {entry} of the {list}, version {version}; {sightings|sighting|sightings}',
    zh: '  {list}第 {version} 版条目 {entry}；出现 {sightings} 次',
  },
  'hits-instruction': { en: '  instruction: {instruction}', zh: '  处置说明：{instruction}' },
  'hits-read': { en: '  read:   {read}', zh: '  识别：{read}' },
  'hits-listed': { en: '  listed: {listed}', zh: '  名单：{listed}' },
  'hits-listed-withheld': {
    en: '  listed: withheld; first read {n|doubtful character|doubtful characters} (□) from the picture',
    zh: '  名单：暂不显示；请先从图片上读出 {n} 个存疑字符（□）',
  },
  'hits-read-before': {
    en: '  you have read the doubtful characters before; that reading counts',
    zh: '  存疑字符您此前已读过，以那次为准',
  },
  'hits-late': {
    en: '  the camera sent its read late: the vehicle is gone',
    zh: '  摄像机补传的识别结果：车已离开',
  },
  'hits-document': { en: '  document: {type}{expired}', zh: '  证件：{type}{expired}' },
  'hits-document-expired': { en: ', expired', zh: '，已过期' },
  'hits-comparison': {
    en: '  holder and photo on the document: {outcome}',
    zh: '  持证人与证件照片：{outcome}',
  },
  'hits-entry-comparison': { en: '  holder and photo of the entry: {outcome}', zh: '  持证人与名单照片：{outcome}' },
  'hits-pictures': { en: '  {n|picture|pictures}', zh: '  {n} 张图片' },
  'hits-picture': { en: 'picture: {path}', zh: '图片：{path}' },
  'hits-state': { en: '  state: {state}', zh: '  状态：{state}' },
  'hits-opinion-line': {
    en: '  {at}  {by} ({origin}): {verdict}, {reason}; {n|picture|pictures} opened',
    zh: '  {at}  {by}（{origin}）：{verdict}，{reason}；查看图片 {n} 张',
  },
  'hits-outcome-line': {
    en: '  {at}  {by} ({origin}), on the spot: {outcome}',
    zh: '  {at}  {by}（{origin}），现场：{outcome}',
  },
  'hits-erased': { en: 'hit {id} was dismissed, and erased at {at}', zh: '命中 {id} 已排除，并于 {at} 清除' },
  'hits-which-characters': {
    en: 'What do you read at the {n|doubtful position|doubtful positions} (□)? One character each, ? where nothing can be read: ',
    zh: '{n} 个存疑位置（□）上您看到什么？每位一个字符，看不清写 ?：',
  },
  'hits-which-verdict': { en: 'Your opinion (number): ', zh: '您的意见（序号）：' },
  'hits-which-reason': { en: 'Why (number): ', zh: '理由（序号）：' },
  'hits-opinion-recorded': { en: 'hit {id}: your opinion is recorded; {state}', zh: '命中 {id}：意见已登记；{state}' },
  'hits-outcome-recorded': { en: 'hit {id}: outcome recorded: {outcome}', zh: '命中 {id}：现场结果已登记：{outcome}' },
});
