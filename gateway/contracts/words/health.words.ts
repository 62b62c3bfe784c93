/** What /health and the alarms say of cameras, readers, lanes, the clock and the parts of the box. */
import { area } from './area.ts';

const KEEPS_TRYING_READER = {
  en: 'check its cable, power and port; the box keeps trying. Look at documents by eye meanwhile',
  zh: '检查连线、电源和端口；本机会一直重试。其间人工查验证件',
} as const;

export const health = area({
  because: { en: ': {cause}', zh: '：{cause}' },
  'none-known': { en: 'none', zh: '无' },

  'camera-silent': {
    en: 'camera {id} (lane {lane}) has shown no new picture for {seconds} s: {cause}',
    zh: '摄像机 {id}（通道 {lane}）已有 {seconds} 秒没有新画面：{cause}',
  },
  'camera-silent-todo': {
    en: 'check its power, cable, address and password; the box keeps trying',
    zh: '检查电源、连线、地址和密码；本机会一直重试',
  },
  'camera-still': {
    en: 'camera {id} (lane {lane}): the picture has not changed for {minutes} min though the stream runs; a clock in it was left out',
    zh: '摄像机 {id}（通道 {lane}）：视频在传，画面却已有 {minutes} 分钟没有变化（画面里的时钟不算）',
  },
  'camera-still-todo': {
    en: 'compare its picture with the road: restart the camera; if a still picture is fed to the box, find out by whom',
    zh: '把它的画面和现场对比：重启摄像机；如果有人用静止画面替换了视频，查明是谁',
  },
  'camera-waits': {
    en: 'camera {id} (lane {lane}) has shown no new picture for {seconds} s: {cause}. The box logs in again in {minutes} min, so that the camera does not lock the account',
    zh: '摄像机 {id}（通道 {lane}）已有 {seconds} 秒没有新画面：{cause}。为避免摄像机锁定账号，本机 {minutes} 分钟后再登录一次',
  },
  'camera-waits-todo': {
    en: 'put `user` and `password` right, unlock the account in the camera, and start sitebox again to log in at once',
    zh: '改正 `user` 和 `password`，在摄像机里解锁账号；重新启动 sitebox 会立即登录',
  },
  'camera-never-answered': { en: 'it never answered', zh: '从未应答' },
  'camera-frozen': { en: 'the picture does not change', zh: '画面不变' },
  'camera-pushed-nothing': {
    en: 'camera {id} (lane {lane}) has pushed nothing: {cause}',
    zh: '摄像机 {id}（通道 {lane}）没有推送任何内容：{cause}',
  },
  'camera-pushed-nothing-todo': {
    en: 'check its power and cable, and the address, path and password that it pushes to',
    zh: '检查电源和连线，以及摄像机上填写的推送地址、路径和密码',
  },
  'camera-not-heard': { en: 'it has not been heard of since the start', zh: '启动以来没有收到过它的消息' },
  'camera-says-tampering': {
    en: 'camera {id} (lane {lane}) says that it was turned, covered or moved',
    zh: '摄像机 {id}（车道 {lane}）报告被转动、遮挡或移位',
  },
  'camera-says-tampering-todo': {
    en: 'look at its picture; put it back, clean it or take away what hides it. The alarm ends when the camera says so, or an hour after it said it last',
    zh: '查看画面；恢复位置、清洁镜头或移走遮挡物。摄像机报告恢复后告警解除，或在最后一次报告一小时后解除',
  },
  'camera-says-signal-loss': {
    en: 'camera {id} (lane {lane}) says that it has lost its video signal',
    zh: '摄像机 {id}（车道 {lane}）报告视频信号丢失',
  },
  'camera-says-signal-loss-todo': {
    en: 'check the cable between its sensor and its recorder or encoder, and start it again',
    zh: '检查镜头到录像机或编码器的连线，并重启',
  },
  'camera-says-lens': {
    en: 'camera {id} (lane {lane}) says that its picture is too dark, too bright or out of focus',
    zh: '摄像机 {id}（车道 {lane}）报告画面过暗、过亮或失焦',
  },
  'camera-says-lens-todo': {
    en: 'clean the lens, focus it, and check the light and the exposure',
    zh: '清洁镜头、重新对焦，检查补光和曝光',
  },
  'camera-events-off': {
    en: 'what camera {id} (lane {lane}) says of itself is not heard: {cause}',
    zh: '收不到摄像机 {id}（车道 {lane}）的自身告警：{cause}',
  },
  'camera-events-off-todo': {
    en: 'its pictures are read as before, and the box looks for tampering itself; put right what is named (the box asks again within 10 minutes), or take `onvif` out of the configuration',
    zh: '画面照常识别，主机也自行检查是否被转动；请解决所指问题（主机 10 分钟内会再试），或从配置里去掉 `onvif`',
  },
  'camera-clock-off': {
    en: 'the clock of camera {id} (lane {lane}) is {offset}: {hint}',
    zh: '摄像机 {id}（通道 {lane}）的时钟{offset}：{hint}',
  },
  'camera-clock-off-todo': {
    en: "set it; hits carry the box's own time meanwhile",
    zh: '校准它的时钟；其间命中一律用本机时间',
  },
  'offset-hours-ahead': { en: '{hours|hour|hours} ahead', zh: '快了 {hours} 小时' },
  'offset-hours-behind': { en: '{hours|hour|hours} behind', zh: '慢了 {hours} 小时' },
  'offset-seconds-ahead': { en: '{seconds|second|seconds} ahead', zh: '快了 {seconds} 秒' },
  'offset-seconds-behind': { en: '{seconds|second|seconds} behind', zh: '慢了 {seconds} 秒' },
  'offset-set-ntp': { en: 'set its clock (NTP)', zh: '请校时（NTP）' },
  'offset-zone-utc': { en: 'its time zone is probably UTC', zh: '时区多半设成了 UTC' },
  'offset-zone-wrong': { en: 'its time zone is probably wrong', zh: '时区多半设错了' },
  'offset-set': { en: 'set its clock', zh: '请校准时钟' },
  'offset-local-for-utc': {
    en: 'it probably takes local time for UTC, or UTC for local time',
    zh: '多半把本地时间和 UTC 弄混了',
  },

  'reader-silent': {
    en: 'reader {id} (lane {lane}) does not answer: {cause}',
    zh: '读卡器 {id}（通道 {lane}）无应答：{cause}',
  },
  'reader-silent-todo': KEEPS_TRYING_READER,
  'reader-never-answered': { en: 'it has sent nothing yet', zh: '还没有收到任何内容' },
  'reader-flood': {
    en: 'reader {id} (lane {lane}) gives documents faster than a hand can lay them: {documents} were dropped without a look-up',
    zh: '读卡器 {id}（通道 {lane}）报来证件的速度超过人手所能：已有 {documents} 个未核验就丢弃',
  },
  'reader-flood-todo': {
    en: 'unplug it and have it looked at; look at documents by eye meanwhile',
    zh: '拔下来送修；其间人工查验证件',
  },
  'equipment-down': { en: 'crew equipment {id} does not work: {cause}', zh: '队员装备接入 {id} 不可用：{cause}' },
  'equipment-down-todo': {
    en: 'the box keeps trying; until then reach the crew by radio only',
    zh: '本机会一直重试；其间只能用电台与队员联络',
  },
  'faces-off': { en: 'faces cannot be compared: {cause}', zh: '无法比对人脸：{cause}' },
  'faces-off-todo': {
    en: 'see npx sitebox models; documents are looked up all the same, compare the holders by eye',
    zh: '运行 npx sitebox models 查看；证件照常核验，人证是否一致请人工核对',
  },

  'no-plate-read': {
    en: 'no plate can be read: {ready} of {threads} reading threads are ready',
    zh: '无法识别号牌：{threads} 个识别线程中有 {ready} 个就绪',
  },
  'no-plate-read-todo': {
    en: 'see the log for the cause; run ./setup if a model file is missing',
    zh: '原因见日志；缺少模型文件时运行 ./setup',
  },
  'plates-read-slowly': {
    en: 'plates are read more slowly: {ready} of {threads} reading threads are ready',
    zh: '号牌识别变慢：{threads} 个识别线程中有 {ready} 个就绪',
  },
  'plates-read-slowly-todo': {
    en: 'see the log for the cause; run ./setup if a model file is missing',
    zh: '原因见日志；缺少模型文件时运行 ./setup',
  },
  'no-picture-analysed': {
    en: 'no picture can be looked at: {ready} of {threads} reading threads are ready',
    zh: '无法处理画面：{threads} 个识别线程中有 {ready} 个就绪',
  },
  'no-picture-analysed-todo': {
    en: 'see the log for the cause; run ./setup if a model file is missing',
    zh: '原因见日志；缺少模型文件时运行 ./setup',
  },
  'pictures-analysed-slowly': {
    en: 'pictures are looked at more slowly: {ready} of {threads} reading threads are ready',
    zh: '画面处理变慢：{threads} 个识别线程中有 {ready} 个就绪',
  },
  'pictures-analysed-slowly-todo': {
    en: 'see the log for the cause; run ./setup if a model file is missing',
    zh: '原因见日志；缺少模型文件时运行 ./setup',
  },

  'pushes-unusable': {
    en: 'camera {id} (lane {lane}): none of its last {count} pushes could be used: {reasons}',
    zh: '摄像机 {id}（通道 {lane}）：最近 {count} 次推送都不能用：{reasons}',
  },
  'pushes-unusable-todo': {
    en: 'nothing of this camera is looked up: check path, user, password and format that it pushes with, and what it writes as the plate',
    zh: '这台摄像机的识别结果都没有核验：检查推送的路径、用户名、密码和格式，以及号牌字段里写的是什么',
  },
  'pushes-wrong-login': {
    en: 'camera {id} (lane {lane}): its last {count} pushes came with a wrong login, or with none: {reasons}',
    zh: '摄像机 {id}（通道 {lane}）：最近 {count} 次推送的登录都不对，或没有登录：{reasons}',
  },
  'pushes-wrong-login-todo': {
    en: "the camera's login is wrong, or someone tries to log in from an address on `allow`: compare user and password in the camera with those of this box; `login-throttled` names an address that guesses",
    zh: '摄像机的登录不对，或 `allow` 里的某个地址在试密码：核对摄像机与本机的用户名和密码；在猜密码的地址见告警 `login-throttled`',
  },
  'pushes-half-unusable': {
    en: 'camera {id} (lane {lane}): {bad} of its last {count} pushes could not be used: {reasons}',
    zh: '摄像机 {id}（通道 {lane}）：最近 {count} 次推送有 {bad} 次不能用：{reasons}',
  },
  'pushes-half-unusable-todo': {
    en: 'most vehicles of this lane are not looked up: check what this camera writes as the plate, its format and path, and what it sees (aim, light, sharpness)',
    zh: '这条车道多数车辆没有核验：检查摄像机写的号牌、推送格式和路径，以及它看到的画面（朝向、光线、清晰度）',
  },
  'cross-checks-differ': {
    en: 'camera {id} (lane {lane}): none of its last {count} cross-checks agreed with its own reads: {reasons}',
    zh: '摄像机 {id}（通道 {lane}）：最近 {count} 次复核与它自己的识别都不一致：{reasons}',
  },
  'cross-checks-differ-todo': {
    en: 'hits are `possible` at most, or go without the second read: look at its picture of the road (sharp? lit? plates wide enough?) and compare some of its reads by eye',
    zh: '命中最多是 `possible`，或不经复核就上报：看它的道路画面（是否清晰、够亮、号牌够宽），并人工核对几次识别结果',
  },
  'frames-unusable': {
    en: 'camera {id} (lane {lane}): none of its last {count} pictures could be analysed: {reasons}',
    zh: '摄像机 {id}（通道 {lane}）：最近 {count} 幅画面都无法处理：{reasons}',
  },
  'frames-unusable-todo': {
    en: 'no plate of this camera is read: see the log for the cause, and npx sitebox models',
    zh: '这台摄像机的号牌都没有识别：原因见日志，并运行 npx sitebox models 查看',
  },
  'documents-unreadable': {
    en: 'reader {id} (lane {lane}): none of its last {count} documents could be read: {reasons}',
    zh: '读卡器 {id}（通道 {lane}）：最近 {count} 个证件都没有读出：{reasons}',
  },
  'documents-unreadable-todo': {
    en: 'clean the reader, lay down a document that is known to be good, and have the reader looked at if that is not read either; look at documents by eye meanwhile',
    zh: '擦净读卡器，放一张确认完好的证件；还读不出就送修。其间人工查验证件',
  },
  'read-fault-check-digit': { en: 'the number does not fit its check digit', zh: '证件号码校验不符' },
  'read-fault-unknown-document': { en: 'a kind of document not known here', zh: '无法识别的证件类型' },
  'read-fault-garbled': { en: 'what was read makes no sense', zh: '证件信息读取异常' },
  'read-fault-not-read': { en: 'the document was not read', zh: '未读到证件' },
  'read-fault-refused': { en: 'the reader does not accept the document', zh: '读卡器不接受证件' },

  'clock-behind': {
    en: 'the clock is {seconds} s behind a time that this box has already seen',
    zh: '时钟比本机已经历过的时间慢 {seconds} 秒',
  },
  'clock-behind-todo': {
    en: 'set the clock (NTP); lists expire by the highest time seen',
    zh: '请校时（NTP）；名单到期按本机经历过的最晚时间计算',
  },
  'clock-jump': {
    en: 'the clock is {span} ahead of the time that this box believes: {lasted}. Lists that end before the time it shows match nothing meanwhile',
    zh: '时钟比本机认定的时间快 {span}：{lasted}。其间，按时钟所示已到期的名单不比对',
  },
  'clock-jump-todo': {
    en: 'set the clock (NTP): the lists are in force again then. If it is right: npx sitebox clock set-trusted --config CONFIG --by NAME',
    zh: '请校时（NTP），名单随即恢复有效。时钟若是对的：npx sitebox clock set-trusted --config 配置文件 --by 姓名',
  },
  'clock-jump-waits': {
    en: 'it is believed once it has lasted {minutes} minutes, {sources} sources speak for it and none against it',
    zh: '持续满 {minutes} 分钟、有 {sources} 个时间来源佐证且无相反来源，才会采信',
  },
  'clock-jump-unsupported': { en: 'no other source of time speaks for it', zh: '没有其他时间来源佐证' },
  'clock-jump-supported': { en: 'only {sources} speaks for it', zh: '只有{sources}佐证' },
  'clock-jump-opposed': {
    en: '{support}; against it: {sources}',
    zh: '{support}；相反的来源：{sources}',
  },
  'span-minutes': { en: '{minutes} min', zh: '{minutes} 分钟' },
  'span-hours': { en: '{hours} h {minutes} min', zh: '{hours} 小时 {minutes} 分' },
  'span-days': { en: '{days} d {hours} h', zh: '{days} 天 {hours} 小时' },

  'part-fails': { en: '{part} fails, and the box keeps trying: {cause}', zh: '{part} 出错，本机正在重试：{cause}' },
  'part-fails-todo': {
    en: 'see the log for what came before; report it to the maker if it stays',
    zh: '看日志里此前发生了什么；一直不消失就报告厂家',
  },
  'state-unknown': {
    en: 'the box cannot say in full how it is: {cause}',
    zh: '本机无法说清自己的全部状态：{cause}',
  },
  'state-unknown-todo': {
    en: 'see the log and the other problems; most likely its store cannot be read',
    zh: '看日志和其他告警；多半是存储读不出来',
  },
  'safe-mode': {
    en: 'safe mode until {until}: the box ended again and again, and {off} is off: {cause}',
    zh: '安全模式，到 {until} 为止：本机反复自行退出，已停用 {off}：{cause}',
  },
  'safe-mode-todo': {
    en: 'report it to the maker with the log; when it is mended, npx sitebox safe-mode leave --config FILE --by NAME, and start the box again',
    zh: '连同日志报告厂家；修好后执行 npx sitebox safe-mode leave --config 配置文件 --by 姓名，再重新启动本机',
  },
  ended: {
    en: 'the box ended {times|time|times} within an hour, last by {part}: {cause}',
    zh: '本机一小时内自行退出 {times} 次，最近一次出在 {part}：{cause}',
  },
  'ended-todo': {
    en: 'it was started again; report it to the maker with the log of that time',
    zh: '本机已重新启动；请连同当时的日志报告厂家',
  },
  'part-unknown': { en: 'a part that is not known', zh: '不明部分' },
  'ends-file': {
    en: '{file} in the storage folder cannot be written, so that a box that ends again and again would not come back in safe mode: {cause}',
    zh: '存储目录里的 {file} 写不进去，本机反复退出时将无法进入安全模式：{cause}',
  },
  'ends-file-todo': {
    en: 'make the storage folder writable, or free space; it is tried again once a minute',
    zh: '让存储目录可写，或腾出空间；每分钟重试一次',
  },
  'login-throttled': {
    en: '{wrong} wrong logins as {account} from {address} within {minutes} min: none from there is looked at for a while',
    zh: '{minutes} 分钟内，{address} 以 {account} 登录错误 {wrong} 次：暂不受理来自该地址的登录',
  },
  'login-throttled-todo': {
    en: 'if that is the device itself, correct its user and password (it is heard again after 15 min at most); otherwise find out what is at that address, and take it off `allow`',
    zh: '若就是这台设备，改正它的用户名和密码（最迟 15 分钟后恢复）；否则查明该地址是什么，并从 `allow` 中去掉',
  },
  'login-throttled-more': {
    en: '{wrong} wrong logins as {account} from each of {more} more addresses within {minutes} min: none from there is looked at for a while',
    zh: '{minutes} 分钟内，另有 {more} 个地址以 {account} 各登录错误 {wrong} 次：暂不受理来自这些地址的登录',
  },
  'login-throttled-more-todo': {
    en: 'if that is the device itself, correct its user and password (it is heard again after 15 min at most); otherwise find out what is at those addresses, and take them off `allow`',
    zh: '若就是这台设备，改正它的用户名和密码（最迟 15 分钟后恢复）；否则查明这些地址是什么，并从 `allow` 中去掉',
  },
});
