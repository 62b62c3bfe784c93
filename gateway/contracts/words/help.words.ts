/** What `--help` says of each verb of the box. */
import { area } from './area.ts';

export const help = area({
  'help-program': { en: 'the computer at a checkpoint', zh: '卡口主机' },
  'help-lang': {
    en: 'language of messages (default: by LC_ALL, LC_MESSAGES or LANG)',
    zh: '提示信息的语言（默认由 LC_ALL、LC_MESSAGES 或 LANG 决定）',
  },
  'help-help': { en: 'display help for command', zh: '显示命令的帮助' },
  'help-version': { en: 'output the version number', zh: '显示版本号' },
  'help-usage': { en: 'Usage:', zh: '用法：' },
  'help-arguments': { en: 'Arguments:', zh: '参数：' },
  'help-options': { en: 'Options:', zh: '选项：' },
  'help-commands': { en: 'Commands:', zh: '命令：' },
  'help-any-options': { en: '[options]', zh: '[选项]' },
  'help-any-command': { en: '[command]', zh: '[命令]' },
  'help-choice-mark': { en: ', ', zh: '、' },
  'help-note-mark': { en: ', ', zh: '，' },
  'help-choices': { en: 'choices: ', zh: '可选：' },
  'help-default': { en: 'default: ', zh: '默认：' },
  'help-notes': { en: ' ({notes})', zh: '（{notes}）' },

  'help-config': { en: 'the configuration of the box', zh: '本机的配置文件' },
  'help-yes': { en: 'do not ask', zh: '不再询问' },
  'help-days-many': { en: 'how many', zh: '多少天' },
  'help-last': { en: 'how many', zh: '多少条' },
  'help-by': { en: 'who answers for it, for the audit log', zh: '由谁负责，记入审计日志' },
  'help-by-account': {
    en: 'who does it, for the audit log (default: the name of this account)',
    zh: '由谁执行，记入审计日志（默认：当前账户名）',
  },
  'help-device-id': { en: 'the device', zh: '装备编号' },
  'help-role-nearest': { en: 'only devices of this role, with --nearest', zh: '只选这类人员的装备，与 --nearest 同用' },
  'help-by-asks': { en: 'who asks, for the audit log', zh: '谁查询，记入审计日志' },

  'help-start': { en: 'run the box until it is interrupted', zh: '运行本机，直到被中断' },
  'help-start-file': {
    en: 'the YAML file; sitebox.example.yaml explains every key. Without one the demo runs',
    zh: 'YAML 文件；sitebox.example.yaml 解释了每一项。不写则运行演示',
  },
  'help-check': {
    en: 'check a configuration file: every mistake with line, path and hint',
    zh: '检查配置文件：逐个指出错误的行、路径和改法',
  },
  'help-check-file': { en: 'the YAML file', zh: 'YAML 文件' },

  'help-audit': { en: 'the audit log of this box', zh: '本机的审计日志' },
  'help-audit-verify': {
    en: 'verify the log (also without naming this verb): nothing edited, removed or moved',
    zh: '校验日志（不写动词也是校验）：没有改动、删除或调换',
  },
  'help-audit-show': { en: 'show its rows, oldest first', zh: '显示日志记录，旧的在前' },
  'help-audit-since': {
    en: 'from this day or time on, UTC unless it says otherwise (default: the last 24 hours)',
    zh: '从这一天或这一时刻起，未注明时区按 UTC（默认最近 24 小时）',
  },
  'help-audit-export': {
    en: 'write the whole log into one file that anybody can verify',
    zh: '把整份日志导出为一个任何人都能校验的文件',
  },
  'help-audit-to': { en: 'the export; must not be there yet', zh: '导出文件；不能已经存在' },
  'help-audit-compare': {
    en: 'compare the log with an export or with what the command room holds: nothing cut off, put back or written anew',
    zh: '与导出文件或指挥室持有的比对：没有截断、没有放回旧文件、没有重写',
  },
  'help-audit-key': {
    en: 'public key of this box, as the command room holds it; may be given several times (default: those that the log names)',
    zh: '指挥室持有的本机公钥，可以写多次（默认用日志里登记的）',
  },
  'help-audit-against': {
    en: 'an export, events as the command room holds them (JSON, one a line or an array), or an anchors.json',
    zh: '导出文件，或综合指挥室保存的事件（JSON，每行一个或一个数组），或一份 anchors.json',
  },
  'help-audit-accept': {
    en: 'take note of the loss of rows that this row tells of',
    zh: '确认已知悉这一行所记的丢失',
  },
  'help-audit-by': { en: 'who takes note, for the audit log', zh: '由谁确认，记入审计日志' },
  'help-backup': {
    en: 'copy the store, sealed to a public key; the box may run',
    zh: '备份存储，用公钥加密；本机不必停',
  },
  'help-backup-to': { en: 'the backup; must not be there yet', zh: '备份文件；不能已经存在' },
  'help-backup-key': {
    en: 'the public key (PEM, X25519) whose private half lies elsewhere',
    zh: '公钥（PEM，X25519）；私钥保存在别处',
  },
  'help-restore': { en: 'put a backup in the place of the store (box stopped)', zh: '用备份替换存储（先停机）' },
  'help-restore-file': { en: 'the backup', zh: '备份文件' },
  'help-restore-key': {
    en: 'the private key (PEM, X25519); take it away afterwards',
    zh: '私钥（PEM，X25519）；用完请取走',
  },
  'help-restore-without-anchors': {
    en: 'go on though anchors.json is gone or damaged: see docs/store.md',
    zh: 'anchors.json 丢失或损坏时仍然继续：见 docs/store.md',
  },
  'help-verify-store': {
    en: 'look at the whole store for damage; with --repair copy all that can be read into a new one (box stopped)',
    zh: '检查整个存储有无损坏；加 --repair 把读得出的全部抄进新存储（先停机）',
  },
  'help-verify-store-repair': {
    en: 'make a new store of what can be read; the damaged file is kept for a day',
    zh: '用读得出的内容建一个新存储；损坏的文件保留一天',
  },

  'help-clock': { en: 'the time by which lists end', zh: '判断名单到期所用的时间' },
  'help-clock-show': {
    en: 'the clock of this box, and the time that it believes',
    zh: '本机的时钟，以及本机认定的时间',
  },
  'help-clock-set': {
    en: 'say which time it is, where the box believes another one; it may be the earlier one',
    zh: '本机认定的时间不对时，由人指定；可以比现在认定的早',
  },
  'help-clock-set-time': {
    en: 'such as 2026-11-30T12:00:00Z; default: what the clock shows now',
    zh: '例如 2026-11-30T12:00:00Z；默认：时钟当前所示',
  },
  'help-safe-mode': {
    en: 'what safe mode has switched off, and how to leave it',
    zh: '安全模式停用了什么，以及如何退出',
  },
  'help-safe-mode-show': { en: 'what is off, since when and why', zh: '停用了什么、从何时起、为什么' },
  'help-safe-mode-leave': { en: 'end safe mode; holds from the next start on', zh: '退出安全模式；下次启动起生效' },

  'help-outbox': {
    en: 'events that wait for the command rooms, and those that one refused for good',
    zh: '等待发给综合指挥室的事件，以及被拒收的事件',
  },
  'help-outbox-list': {
    en: 'how much waits for each command room; events that were refused for good or fail, each with what was said',
    zh: '每个综合指挥室有多少事件在等；被拒收或发送失败的事件及原因',
  },
  'help-outbox-relay': { en: 'of this command room only', zh: '只看这个综合指挥室' },
  'help-outbox-last': { en: 'how many of each, at most', zh: '每类最多几条' },
  'help-outbox-again': {
    en: 'try events again that a command room refused for good: once what it stumbled over is mended',
    zh: '对方修好后，重新发送被拒收的事件',
  },
  'help-outbox-ids': { en: 'events, as `outbox list` has them', zh: '事件编号，见 `outbox list`' },
  'help-outbox-all': { en: 'all that were refused', zh: '所有被拒收的事件' },
  'help-outbox-to': { en: 'to this command room only', zh: '只发给这个综合指挥室' },

  'help-device': {
    en: "the crew's equipment: who is registered, and where it is",
    zh: '队员装备：登记了哪些、在哪里',
  },
  'help-device-add': {
    en: 'register devices of one kind; each password is printed once',
    zh: '登记同一类装备；每个密码只显示一次',
  },
  'help-device-add-ids': {
    en: '1 to 32 of a-z, 0-9 and -; also its user name',
    zh: '1 至 32 个 a-z、0-9 或 -；也是登录用户名',
  },
  'help-device-kind': { en: 'what it is', zh: '装备种类' },
  'help-device-role': { en: 'of the person who carries it', zh: '携带者的身份' },
  'help-device-protocol': { en: 'what it speaks', zh: '使用的协议' },
  'help-device-serial': {
    en: 'what it calls itself (dji, jt808: phone number, then terminal id; mavlink: system id)',
    zh: '它自报的编号（dji；jt808：先手机号、后终端编号；mavlink：系统号）',
  },
  'help-device-list': { en: 'who is registered, and who was', zh: '现在和过去登记的装备' },
  'help-device-show': {
    en: 'one device: its registration, and why something that it sent was not taken',
    zh: '一台装备：登记情况，以及它发来的内容为什么没有采用',
  },
  'help-device-revoke': {
    en: 'end a registration: a running gateway cuts the connection within a second',
    zh: '停用装备：运行中的本机一秒内断开它的连接',
  },
  'help-device-where': {
    en: 'the last known place of each device; it may be a minute old',
    zh: '每台装备最近的位置；可能是一分钟前的',
  },
  'help-device-track': { en: 'where one device was, oldest first', zh: '一台装备的轨迹，由早到晚' },
  'help-device-hours': { en: 'so far back', zh: '往回几小时' },
  'help-reason-audit': { en: 'what for, for the audit log', zh: '查询事由，记入审计日志' },

  'help-order': { en: 'orders to the crew, and what became of them', zh: '给队员的指令，以及执行情况' },
  'help-order-send': {
    en: 'give an order to devices by name, or to those nearest to a place',
    zh: '给指定装备下达指令，或给离某处最近的装备下达',
  },
  'help-order-text': { en: 'what is to be done, as it is shown', zh: '指令内容，照此显示' },
  'help-order-by': { en: 'who gives it', zh: '下达人' },
  'help-order-to': { en: 'devices', zh: '装备编号' },
  'help-order-nearest': { en: 'so many devices, by distance to the place', zh: '按距离选最近的几台' },
  'help-order-lat': { en: 'of the place, WGS-84, north positive', zh: '地点纬度，WGS-84，北纬为正' },
  'help-order-lon': { en: 'of the place, WGS-84, east positive', zh: '地点经度，WGS-84，东经为正' },
  'help-order-place': { en: 'what the place is called', zh: '地点名称' },
  'help-order-list': { en: 'the newest orders first, with how far each has come', zh: '指令及其进展，新的在前' },
  'help-order-show': { en: 'one order, device by device', zh: '一条指令在各台装备上的情况' },
  'help-order-id': { en: 'the order', zh: '指令编号' },

  'help-sos': { en: 'calls for help of the crew', zh: '队员紧急求助' },
  'help-sos-list': {
    en: 'all that are not seen yet, and those of the last days, newest first',
    zh: '尚未签收的全部求助，以及最近几天的，新的在前',
  },
  'help-sos-by': {
    en: 'who asks, for the audit log: it says where somebody is',
    zh: '谁查询，记入审计日志：内容涉及人员位置',
  },
  'help-sos-acknowledge': {
    en: 'say that somebody at the box has seen a call and acts on it: the command room is informed, and no longer reminded',
    zh: '签收求助，表示本站有人处置：同时告知综合指挥室，不再催办',
  },
  'help-sos-id': { en: 'the call, as `sos list` has it', zh: '求助编号，见 `sos list`' },
  'help-sos-seen-by': { en: 'who has seen it', zh: '签收人' },

  'help-alert': {
    en: 'alerts to the crew, and whether all know that they have ended',
    zh: '发给队员的布控预警，以及解除是否都已收到',
  },
  'help-alert-list': {
    en: 'the newest alerts first, with what each device knows of them',
    zh: '布控预警及各台装备的收到情况，新的在前',
  },
  'help-alert-told': {
    en: 'say that the carrier of a device was told by radio that an alert has ended; the device gets the end all the same',
    zh: '登记：已用电台通知持机人解除预警；装备连上后照样会收到',
  },
  'help-alert-hit': { en: 'the hit of the alert, as `alert list` has it', zh: '命中编号，见 `alert list`' },
  'help-alert-by': { en: 'who told it', zh: '通知人' },

  'help-mode': { en: 'normal, heightened or emergency', zh: '勤务模式：平时、战时、应急' },
  'help-mode-set': { en: 'set the mode; it falls back to normal at its end', zh: '设置勤务模式；到时自动恢复平时' },
  'help-mode-reason': { en: 'why', zh: '原因' },
  'help-mode-hours': { en: 'for how long; not with normal', zh: '几小时；normal 不填' },
  'help-mode-show': {
    en: 'which mode holds, since when, until when, and who answers for it',
    zh: '当前模式、从何时起、到何时止、由谁负责',
  },

  'help-pictures': { en: 'JPEG, PNG, WebP or BMP files', zh: 'JPEG、PNG、WebP 或 BMP 文件' },
  'help-read-plates': { en: 'print the number plates of pictures, best first', zh: '识别图片里的号牌，可信的在前' },
  'help-read-plates-crop': { en: 'each picture is one plate, cut out', zh: '每张图片就是一块裁好的号牌' },
  'help-read-plates-json': { en: 'one line of JSON per picture', zh: '每张图片输出一行 JSON' },
  'help-read-plates-from': {
    en: 'read the paths of the pictures from FILE, one a line',
    zh: '从文件读取图片路径，每行一个',
  },
  'help-compare-faces': {
    en: 'compare the faces of two pictures, or of many pairs; the widest face of each picture counts',
    zh: '比对两张图片或多对图片里的人脸；每张取最宽的一张脸',
  },
  'help-compare-faces-two': { en: 'two JPEG, PNG, WebP or BMP files', zh: '两个 JPEG、PNG、WebP 或 BMP 文件' },
  'help-compare-faces-pairs': { en: 'CSV file with two paths a line', zh: 'CSV 文件，每行两个路径' },
  'help-compare-faces-json': { en: 'one line of JSON per pair', zh: '每对输出一行 JSON' },
  'help-compare-faces-models': { en: 'which face models', zh: '用哪套人脸模型' },
  'help-compare-faces-threshold': {
    en: 'similarity from which two faces are the same person',
    zh: '相似度达到多少算同一人',
  },
  'help-models': { en: 'list, verify or fetch the model files', zh: '列出、校验或下载模型文件' },
  'help-models-list': {
    en: 'name, size, state, purpose and licence of every model',
    zh: '每个模型的名称、大小、状态、用途和许可',
  },
  'help-models-verify': {
    en: 'exit 1 when a model that something needs is missing, or any model is altered',
    zh: '缺少必需的模型，或有模型被改动时，退出码为 1',
  },
  'help-models-fetch': {
    en: 'download the optional models, or those named, and verify them',
    zh: '下载可选模型或指定的模型，并校验',
  },
  'help-models-names': { en: 'names as `models list` prints them', zh: '模型名称，见 `models list`' },
  'help-models-from': {
    en: 'a folder, or the start of a URL, that holds the files under their own names',
    zh: '存有同名文件的目录或网址前缀',
  },
});
