/** What `sitebox read-plates`, `compare-faces` and `models` say. */
import { area } from './area.ts';

export const cliPictures = area({
  'pictures-name-one': {
    en: 'error: name at least one picture, or a file of paths with --from FILE',
    zh: '错误：请至少写一张图片，或用 --from 给出路径清单',
  },
  'plates-none': { en: '{file}: no plate  {ms} ms', zh: '{file}：没有号牌  {ms} 毫秒' },
  'plates-read': {
    en: '{file}: {plate}  {kind} {colour}  {band} {probability}  {corners}  {ms} ms',
    zh: '{file}：{plate}  {kind} {colour}  {band} {probability}  {corners}  {ms} 毫秒',
  },
  'pictures-failed': { en: '{file}: {why}', zh: '{file}：{why}' },
  'faces-name-two': {
    en: 'error: name two pictures, or a file of pairs with --pairs FILE',
    zh: '错误：请写两张图片，或用 --pairs 给出成对清单',
  },
  'faces-pair-form': {
    en: '{file}, line {line}: expected two paths with a comma between them',
    zh: '{file} 第 {line} 行：应为两个路径，中间用逗号隔开',
  },
  'faces-same': {
    en: '{a} {b}: same  {score} (same from {threshold})  {ms} ms',
    zh: '{a} {b}：一致  {score}（{threshold} 起算同一人）  {ms} 毫秒',
  },
  'faces-different': {
    en: '{a} {b}: different  {score} (same from {threshold})  If it is one person: light the face evenly from the front, and put the camera at the height of the eyes.  {ms} ms',
    zh: '{a} {b}：不一致  {score}（{threshold} 起算同一人）  若是同一人：光线要从正面均匀照到脸上，摄像机与眼睛同高。  {ms} 毫秒',
  },
  'faces-not-compared': {
    en: '{a} {b}: not compared ({why})  {detail}. {advice}  {ms} ms',
    zh: '{a} {b}：未比对（{why}）  {detail}。{advice}  {ms} 毫秒',
  },
  'face-none': { en: 'no face', zh: '没有人脸' },
  'face-none-advice': { en: 'Let the camera see the whole face from the front.', zh: '让摄像机正面拍到整张脸。' },
  'face-several': { en: 'several faces', zh: '不止一张脸' },
  'face-several-advice': {
    en: 'Let one person stand before the camera, the others behind the line.',
    zh: '镜头前只站一人，其他人在线后等候。',
  },
  'face-too-small': { en: 'too small', zh: '脸太小' },
  'face-too-small-advice': { en: 'Bring the camera nearer, or zoom in.', zh: '摄像机靠近些，或拉近镜头。' },
  'face-blurred': { en: 'blurred', zh: '模糊' },
  'face-blurred-advice': {
    en: 'Focus the camera, and shorten its exposure with more light.',
    zh: '摄像机对好焦，增加光线、缩短曝光。',
  },
  'face-turned': { en: 'turned', zh: '没有正对镜头' },
  'face-turned-advice': {
    en: 'Put the camera at the height of the eyes, where the visitor looks.',
    zh: '摄像机与眼睛同高，放在游客看的方向。',
  },
  'face-dark': { en: 'dark', zh: '太暗' },
  'face-dark-advice': {
    en: 'Light the face from the front; keep windows out of the background.',
    zh: '从正面打光；背后不要有窗户。',
  },
  'faces-no-models': { en: 'no face models are loaded', zh: '没有载入人脸模型' },

  'model-row': { en: '{name} {size}  {state}  {purpose}', zh: '{name} {size}  {state}  {purpose}' },
  'model-origin': { en: '    {origin}; licence: {licence}', zh: '    {origin}；许可：{licence}' },
  'model-not-needed': { en: 'not needed', zh: '非必需' },
  'model-needed-for': { en: 'needed for {what}', zh: '{what} 需要' },
  'needed-plates': { en: 'plates', zh: '号牌识别' },
  'needed-faces': { en: 'faces', zh: '人脸比对' },
  'model-state-present': { en: 'present', zh: '已有' },
  'model-state-missing': { en: 'missing', zh: '缺少' },
  'model-state-altered': { en: 'altered', zh: '被改动' },
  'model-state-optional': { en: 'optional', zh: '可选' },
  'model-is-missing': { en: 'model {name} is missing: {remedy}', zh: '缺少模型 {name}：{remedy}' },
  'model-is-altered': { en: 'model {name} is altered: {remedy}', zh: '模型 {name} 被改动：{remedy}' },
  'models-good': {
    en: '{present|model|models} present and unaltered, {optional} optional not fetched',
    zh: '{present} 个模型齐全、未被改动，{optional} 个可选模型没有下载',
  },
  'model-there-already': { en: '{name} is there already', zh: '{name} 已经有了' },
  'model-fetched': { en: '{name} fetched and verified', zh: '{name} 已下载并校验' },
  'model-not-fetched': {
    en: '{name} is not fetched: it is {origin}; {remedy}',
    zh: '{name} 不用下载：来源是 {origin}；{remedy}',
  },
  'model-unavailable': {
    en: '{name}: {source} {why}; without internet, download {url} elsewhere, carry it here and run: npx sitebox models fetch {name} --from FOLDER',
    zh: '{name}：{source} {why}；不能上网时，请在别处下载 {url}，拷到本机后执行 npx sitebox models fetch {name} --from 目录',
  },
  'model-refused': {
    en: '{name}: {source} {why}; nothing was changed here',
    zh: '{name}：{source} {why}；本机没有任何改动',
  },
  'download-pointer': {
    en: 'is a pointer of Git LFS, not the file: fetch it with git-lfs',
    zh: '是 Git LFS 的指针，不是文件本身：请用 git-lfs 取文件',
  },
  'download-unreachable': { en: 'cannot be reached ({cause})', zh: '连不上（{cause}）' },
  'download-broke-off': { en: 'broke off ({cause})', zh: '中途断开（{cause}）' },
  'download-answers': { en: 'answers with status {status}', zh: '返回状态 {status}' },
  'download-too-slow': { en: 'not done within {minutes} minutes', zh: '{minutes} 分钟内没有下载完' },
  'model-unknown': {
    en: 'there is no model {name}; those to fetch are {known}',
    zh: '没有模型 {name}；可下载的有 {known}',
  },
});
