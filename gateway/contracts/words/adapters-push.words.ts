/** Why what a plate camera pushes is refused, or cannot be used. */
import { area } from './area.ts';

export const adaptersPush = area({
  'push-address': { en: 'this address is not on the allow-list', zh: '这个地址不在 `allow` 里' },
  'push-path': { en: 'expected the path that the camera was given', zh: '推送路径与配置的不同' },
  'push-method': { en: 'expected POST', zh: '请求方法应为 POST' },
  'push-body-too-long': { en: 'expected a body of at most {most} bytes', zh: '推送内容最多 {most} 字节' },
  'push-new-nonce': { en: 'expected an answer to the new nonce', zh: '应按新的 nonce 重新登录' },
  'push-login': {
    en: 'expected HTTP Digest with the user and password of this camera',
    zh: '应以 HTTP Digest 登录，用户名和密码与这台摄像机的配置一致',
  },
  'push-throttled': {
    en: 'too many wrong logins from this address; see Retry-After',
    zh: '这个地址登录错误次数过多，暂不受理',
  },
  'push-busy': { en: 'busy; expected again in a second', zh: '正忙；请一秒后重发' },
  'push-ending': { en: 'ending; expected again in a second', zh: '正在停机；请一秒后重发' },
  'push-not-kept-yet': { en: 'not kept yet; expected again in a second', zh: '还没有存下；请一秒后重发' },
  'push-not-kept': { en: 'could not be kept; expected again in a second', zh: '存不下；请一秒后重发' },
  'push-connections': { en: 'too many connections', zh: '连接过多' },
  'push-incomplete': { en: 'expected the whole message', zh: '推送内容没有收完' },
  'push-no-http': { en: 'expected a whole HTTP request', zh: '不是完整的 HTTP 请求' },
  'push-fault': { en: 'the message could not be dealt with', zh: '本机没能处理这次推送' },
  'push-compressed': { en: 'expected a body that is not compressed', zh: '推送内容不得压缩' },
  'push-no-utf-8': { en: 'expected text in UTF-8', zh: '文字应为 UTF-8' },
  'push-plate-characters': {
    en: '{field}: expected 1 to 16 printable characters',
    zh: '{field}：应为 1 至 16 个可显示的字符',
  },

  'push-no-plate': { en: 'what it gives as a plate is none: expected {what}', zh: '报来的不是号牌：应为{what}' },
  'push-plate-picture-unusable': { en: 'its plate picture {why}', zh: '号牌图片{why}' },
  'push-scene-picture-unusable': { en: 'its scene picture {why}', zh: '车辆全景图片{why}' },
  'push-pictures-unusable': {
    en: 'its plate picture {plate}; its scene picture {scene}',
    zh: '号牌图片{plate}；车辆全景图片{scene}',
  },
  'cross-check-disagreed': { en: 'the box reads another plate', zh: '本机识别的号牌不同' },
  'cross-check-not-read': { en: 'the box finds no such plate in the picture', zh: '本机在图片里没有找到这块号牌' },
  'cross-check-no-picture': { en: 'no picture of the road came with the read', zh: '识别结果没有附带道路图片' },
  'cross-check-no-thread': { en: 'no thread was free in time', zh: '识别线程一直没有空闲' },

  'push-type-json': {
    en: 'Content-Type: expected application/json',
    zh: 'Content-Type 应为 application/json',
  },
  'push-type-xml': {
    en: 'Content-Type: expected multipart/form-data or application/xml',
    zh: 'Content-Type 应为 multipart/form-data 或 application/xml',
  },
  'push-type-multipart': {
    en: 'Content-Type: expected multipart/form-data with a boundary of 1 to 70 characters',
    zh: 'Content-Type 应为 multipart/form-data，boundary 为 1 至 70 个字符',
  },
  'push-json-form': { en: 'body: expected JSON', zh: '推送内容应为 JSON' },
  'push-json-too-many-marks': {
    en: 'body: expected at most {most} braces, brackets and commas',
    zh: '推送内容里的括号和逗号最多 {most} 个',
  },
  'push-part-too-long': {
    en: 'a part is larger than the {most} bytes expected at most',
    zh: '一个部分超过 {most} 字节',
  },
  'push-part-head-too-long': {
    en: 'the head of a part is larger than {most} bytes',
    zh: '一个部分的头超过 {most} 字节',
  },
  'push-parts-most': { en: 'expected at most {most} parts', zh: '最多 {most} 个部分' },
  'push-after-boundary': {
    en: 'expected a line break or two hyphens after a boundary',
    zh: '分隔符后应为换行或两个连字符',
  },
  'push-broken-off': {
    en: 'the body breaks off: expected the boundary that ends it',
    zh: '推送内容不完整：缺少结尾的分隔符',
  },
  'push-no-boundary': {
    en: 'expected a part after the boundary that Content-Type names',
    zh: 'Content-Type 所写的分隔符后没有内容',
  },

  'push-xml-too-long': { en: 'expected XML of at most {most} bytes', zh: 'XML 最多 {most} 字节' },
  'push-xml-missing': {
    en: 'the part anpr.xml is missing: expected a part of type text/xml',
    zh: '缺少 anpr.xml：应有一个 text/xml 类型的部分',
  },
  'push-xml-event': { en: '{field}: expected the kind of event', zh: '{field}：应写事件种类' },
  'push-xml-plate': { en: '{field}: expected the plate', zh: '{field}：应写号牌' },
  'push-xml': { en: 'XML, character {at}: {problem}', zh: 'XML 第 {at} 个字符：{problem}' },
  'push-xml-control': { en: 'expected no control character', zh: '不得有控制字符' },
  'push-xml-mark': { en: 'expected {mark} further on', zh: '后面缺少 {mark}' },
  'push-xml-one-element': { en: 'expected one element and nothing around it', zh: '应只有一个根元素，前后没有别的' },
  'push-xml-too-deep': { en: 'expected at most {most} elements in each other', zh: '元素嵌套最多 {most} 层' },
  'push-xml-other-end': { en: 'expected the end of the element that is open', zh: '结束标签与开始标签不配对' },
  'push-xml-tag': { en: 'expected a tag', zh: '这里应为标签' },
  'push-xml-doctype': { en: 'expected no document type and no entities', zh: '不得有 DOCTYPE 和实体' },
  'push-xml-instruction': {
    en: 'expected no processing instruction, and text in UTF-8',
    zh: '不得有处理指令，文字应为 UTF-8',
  },
  'push-xml-cdata': { en: 'expected no ]]> without its CDATA', zh: ']]> 之前没有 CDATA' },
  'push-xml-not-closed': { en: 'expected the element that is open to end', zh: '元素没有结束标签' },
  'push-xml-reference': { en: 'expected no reference other than to a character', zh: '只能用字符引用' },
  'push-list-loading': { en: 'the list is still being read', zh: '名单还在读取' },
  'push-list-lost': {
    en: 'the list cannot be read out of the damaged store',
    zh: '存储损坏，读不出名单',
  },
  'push-box-stops': {
    en: 'the box stops before the store has taken the hit',
    zh: '存储收下命中之前本机就停机了',
  },
  'push-too-many-wait': { en: 'too many reads wait for the store', zh: '等待存储的识别结果过多' },
  'push-not-dealt-with': { en: 'the read could not be dealt with', zh: '这次识别结果处理不了' },
  'push-hit-lost': {
    en: 'the store refuses and the buffer is full',
    zh: '存储拒收，缓存已满',
  },
  'push-hit-lost-aside': {
    en: 'the store cannot keep it and the buffer is full',
    zh: '存储存不下它，缓存已满',
  },
});
