/** What `sitebox backup`, `restore`, `verify-store`, `clock`, `safe-mode` and `outbox` say. */
import { area } from './area.ts';

export const cliStore = area({
  'backup-none-made': { en: 'No backup was made: keep the last one.', zh: '没有生成备份：请保留上一份。' },
  'backup-refused': {
    en: 'REFUSED: {why}. No backup was made: keep the last one.',
    zh: '拒绝：{why}。没有生成备份：请保留上一份。',
  },
  'backup-exists': { en: '{to} is there already; nothing was written', zh: '{to} 已经存在；什么都没有写' },
  'backup-no-folder': {
    en: 'the folder of {to} is not there; nothing was written',
    zh: '{to} 所在的目录不存在；什么都没有写',
  },
  'new-authority-own': {
    en: 'the web server has a certificate of the site (`listen.tls`): it has no authority of its own',
    zh: '网页服务使用站点自己的证书（`listen.tls`），没有自签根证书',
  },
  'new-authority-made': {
    en: 'A new authority is made. Start the box anew, then have every screen trust it (SHA-256): {fingerprint}',
    zh: '新的根证书已生成。请重新启动本机，再让每台终端信任它（SHA-256）：{fingerprint}',
  },
  'backup-not-in': {
    en: 'Not in it, keep a copy elsewhere: {files}, and the secrets that the configuration names',
    zh: '备份不含以下文件及配置所引用的密钥文件，请另行保存：{files}',
  },
  'backup-done': {
    en: '{to}: sealed to key {key}; it can be restored until {until}, and has to be deleted then',
    zh: '{to}：已用密钥 {key} 加密；{until} 之前可以恢复，到期必须删除',
  },
  'backup-private-half': {
    en: 'it is the private half, which must not lie on the box',
    zh: '这是私钥，不能放在本机',
  },
  'backup-key-kind': { en: 'it is a key for {algorithm}', zh: '这是 {algorithm} 密钥' },
  'backup-no-pem': { en: 'it holds no key in PEM form', zh: '里面没有 PEM 格式的密钥' },
  'backup-no-public-key': {
    en: '{file} is no public key for backups: {why}. Make a pair elsewhere: "openssl genpkey -algorithm X25519 -out backup.key", "openssl pkey -in backup.key -pubout -out backup.pub"; the box gets backup.pub',
    zh: '{file} 不是备份公钥：{why}。请在别的计算机上生成一对：“openssl genpkey -algorithm X25519 -out backup.key”，“openssl pkey -in backup.key -pubout -out backup.pub”；本机只放 backup.pub',
  },
  'backup-no-private-key': {
    en: '{file} is no private key for backups: {why}. Nothing was changed.',
    zh: '{file} 不是备份私钥：{why}。没有任何改动。',
  },

  'restore-done': {
    en: 'the store is that of {made}; what was there is kept as {aside} until the time in its name (UTC)',
    zh: '存储已恢复到 {made}；原有内容保留为 {aside}，到文件名里的时间（UTC）为止',
  },
  'restore-orders-ended': {
    en: '{orders|order that waited then is|orders that waited then are} ended as refused: give them again where they still hold',
    zh: '当时尚未完成的 {orders} 条指令已按“已拒绝”结束：仍然需要的请重新下达',
  },
  'store-open-elsewhere': {
    en: 'another verb has the store in {folder} open (process {pids}), and what it writes would be lost: end it first. Nothing was changed.',
    zh: '另有命令正在使用 {folder} 里的存储（进程 {pids}），它写入的内容会丢失：请先结束它。没有任何改动。',
  },
  'restore-since': {
    en: 'hits, calls and answers since then are with the command room; lists that came in since then have to be imported again, and a `new-authority` given again',
    zh: '此后的命中、求助和答复在综合指挥室；此后导入的名单须重新导入，此后运行过的 `new-authority` 须再次运行',
  },
  'restore-refused': { en: 'REFUSED: {why}. Nothing was changed.', zh: '拒绝：{why}。没有任何改动。' },
  'restore-no-anchors': {
    en: 'REFUSED: {file} is not there. Without it an older list, an older root or a device that was revoked since the backup would be valid again. Put it in place; or, where it is lost for good, revoke what has to be revoked and import the newest list at once after "restore --without-anchors --by NAME". Nothing was changed.',
    zh: '拒绝：{file} 不在。没有它，旧名单、旧信任根、备份之后停用的装备都会重新生效。请放回原处；确实找不回来，就用 restore --without-anchors --by 姓名，随后立即停用该停用的装备、导入最新名单。没有任何改动。',
  },
  'restore-damaged-anchors': {
    en: 'REFUSED: {file} is damaged ({cause}). Without it an older list, an older root or a device that was revoked since the backup would be valid again. Put it in place; or, where it is lost for good, revoke what has to be revoked and import the newest list at once after "restore --without-anchors --by NAME". Nothing was changed.',
    zh: '拒绝：{file} 已损坏（{cause}）。没有它，旧名单、旧信任根、备份之后停用的装备都会重新生效。请放回完好的一份；确实找不回来，就用 restore --without-anchors --by 姓名，随后立即停用该停用的装备、导入最新名单。没有任何改动。',
  },
  'restore-went-without-anchors': {
    en: 'anchors.json is not there: revoke the devices that were revoked since the backup, and import the newest lists, before the box starts',
    zh: 'anchors.json 不在：启动之前，请把备份之后停用过的装备再停用一遍，并导入最新名单',
  },
  'restore-went-with-damaged-anchors': {
    en: 'anchors.json is damaged ({cause}): revoke the devices that were revoked since the backup, and import the newest lists, before the box starts',
    zh: 'anchors.json 已损坏（{cause}）：启动之前，请把备份之后停用过的装备再停用一遍，并导入最新名单',
  },
  'restore-other-box': {
    en: 'REFUSED: {file} is of box {otherBox} of site {otherSite}; this is {box} of {site}. Nothing was changed.',
    zh: '拒绝：{file} 是站点 {otherSite} 主机 {otherBox} 的备份；本机是站点 {site} 的 {box}。没有任何改动。',
  },
  'restore-too-old': {
    en: 'REFUSED: the last day of {file} was {lastDay}; delete it. Nothing was changed.',
    zh: '拒绝：{file} 的最后期限是 {lastDay}，请删除。没有任何改动。',
  },

  'verify-store-repair-by': {
    en: '--repair needs --by NAME: the person who answers for it',
    zh: '--repair 要带 --by 姓名：写明由谁负责',
  },
  'verify-store-empty-file': {
    en: '{path} is no store of sitebox: it is an empty SQLite file, without a single table. Nothing was changed. Where the box had a store, restore its last backup (npx sitebox restore); on a new box a start of the gateway makes a new, empty one of it.',
    zh: '{path} 不是 sitebox 的存储：它是一个空的 SQLite 文件，一张表也没有。没有任何改动。本机原来有存储的，请恢复最近的备份（npx sitebox restore）；新主机启动时会把它建成空存储。',
  },
  'verify-store-foreign-file': {
    en: '{path} is no store of sitebox: it is a SQLite file of another program, without a table of ours. Nothing was changed. Where the box had a store, restore its last backup (npx sitebox restore); on a new box move the file away first; a start of the gateway then makes a new, empty one.',
    zh: '{path} 不是 sitebox 的存储：它是其他程序的 SQLite 文件，没有我们的表。没有任何改动。本机原来有存储的，请恢复最近的备份（npx sitebox restore）；新主机请先移走这个文件，启动时会新建空存储。',
  },
  'verify-store-damage': { en: 'damaged: {part}: {what}', zh: '损坏：{part}：{what}' },
  'verify-store-damaged-index': {
    en: 'damaged: {part} (index {index}): {what}',
    zh: '损坏：{part}（索引 {index}）：{what}',
  },
  'verify-store-audit': {
    en: 'the audit log is not whole: row {row}: {why}',
    zh: '审计日志不完整：第 {row} 行：{why}',
  },
  'verify-store-anchors-missing': {
    en: 'anchors.json is missing: a backup that is restored could bring back what was withdrawn since',
    zh: 'anchors.json 丢失：恢复备份可能让此后撤销的重新生效',
  },
  'verify-store-anchors-damaged': {
    en: 'anchors.json is damaged: a backup that is restored could bring back what was withdrawn since',
    zh: 'anchors.json 已损坏：恢复备份可能让此后撤销的重新生效',
  },
  'verify-store-is-damaged': {
    en: 'the store is damaged; stop the box and run "npx sitebox verify-store --repair --config {config} --by NAME", or restore a backup',
    zh: '存储已损坏；停机后执行 npx sitebox verify-store --repair --config {config} --by 姓名，或恢复备份',
  },
  'verify-store-see-audit': { en: 'see "npx sitebox audit"', zh: '见 npx sitebox audit' },
  'verify-store-whole': { en: 'the store is whole: {ms} ms', zh: '存储完好：用时 {ms} 毫秒' },
  'verify-store-the-file': { en: 'the file', zh: '文件本身' },
  'verify-store-unreadable': {
    en: 'the list of tables itself is damaged ({cause}): nothing can be read; restore the last backup. Nothing was changed.',
    zh: '表目录本身已损坏（{cause}）：什么都读不出；请恢复最近的备份。没有任何改动。',
  },
  'verify-store-newer': {
    en: 'the store was written by a newer sitebox (layout {layout}, this one knows {known}): check and repair it with that version. Nothing was changed.',
    zh: '存储由更新版本的 sitebox 写成（格式 {layout}，本版本只认到 {known}）：请用那个版本检查和修复。没有任何改动。',
  },
  'store-salvaged': {
    en: 'the store was damaged; all that could be read was copied into a new one',
    zh: '存储已损坏；读得出的已全部抄进新存储',
  },
  'verify-store-table': { en: '{table}: {kept|row|rows} kept', zh: '{table}：保留 {kept} 行' },
  'verify-store-table-missing': {
    en: '{table}: {kept|row|rows} kept, {missing} missing',
    zh: '{table}：保留 {kept} 行，缺 {missing} 行',
  },
  'verify-store-missing-key': { en: '  missing {key}', zh: '  缺少 {key}' },
  'verify-store-missing-more': { en: '  and {more} more', zh: '  另有 {more} 行' },
  'verify-store-all-missing': { en: 'all missing keys: {file}', zh: '缺少的全部行：{file}' },
  'verify-store-kept-as': {
    en: 'the damaged file is kept as {aside}; the box deletes it when the time in its name is over (UTC), or: shred -u {aside}',
    zh: '损坏的文件保留为 {aside}；过了文件名里的时间（UTC）本机自动删除，也可执行 shred -u {aside}',
  },

  'clock-shows': { en: 'the clock of this box shows', zh: '本机时钟显示' },
  'clock-none-believed': {
    en: 'the box has believed no time yet: it will believe this clock',
    zh: '本机还没有认定过时间：将采信这个时钟',
  },
  'clock-last-believed': { en: 'the box last believed', zh: '本机上次认定' },
  'clock-written-every': { en: '(written down every 10 s while it runs)', zh: '（运行时每 10 秒记一次）' },
  'clock-is-ahead': { en: 'the clock is {span} AHEAD of the believed time', zh: '时钟比认定的时间快 {span}' },
  'clock-is-behind': { en: 'the clock is {span} BEHIND the believed time', zh: '时钟比认定的时间慢 {span}' },
  'clock-ntp-unset': {
    en: 'NTP: systemd-timesyncd has not set this clock since the system started',
    zh: 'NTP：开机以来 systemd-timesyncd 没有校过这个时钟',
  },
  'clock-ntp-in-step': {
    en: 'NTP: in step: systemd-timesyncd last set the clock at {at}',
    zh: 'NTP：已同步：systemd-timesyncd 上次校时 {at}',
  },
  'clock-ntp-out-of-step': {
    en: 'NTP: NOT in step: systemd-timesyncd last set the clock at {at}',
    zh: 'NTP：未同步：systemd-timesyncd 上次校时 {at}',
  },
  'clock-last-set': { en: 'last set by {by} to {time}', zh: '{by} 上次设为 {time}' },
  'clock-before-signing': {
    en: 'REFUSED: {time} lies before {signed}, when the list office signed what this box holds: that time has certainly passed. Nothing was changed.',
    zh: '拒绝：{time} 早于 {signed}，而本机名单是名单部门在那时签的：那个时间肯定已过。没有任何改动。',
  },
  'clock-believed-before': { en: 'believed until now', zh: '此前认定' },
  'clock-believed-after': { en: 'believed from now on', zh: '此后认定' },
  'clock-is-earlier': {
    en: 'That is {span} EARLIER: lists that ended in between are in force again.',
    zh: '提前了 {span}：其间到期的名单将重新生效。',
  },
  'clock-set-it-too': {
    en: 'The clock of this box shows {wall}: set it too. While it is ahead, lists end by it.',
    zh: '本机时钟显示 {wall}：请一并校准。时钟偏快时，名单按时钟到期。',
  },
  'clock-is-this-the-time': { en: 'Is this the time? [y/N] ', zh: '确认是这个时间吗？[y/N] ' },
  'clock-done': { en: 'done; a running box follows within a second', zh: '已设置；运行中的本机一秒内生效' },
  'clock-time-form': {
    en: 'the time must be written like 2026-11-30T12:00:00Z or 2026-11-30T20:00:00+08:00',
    zh: '时间要写成 2026-11-30T12:00:00Z 或 2026-11-30T20:00:00+08:00',
  },

  'safe-mode-off': { en: 'The box is not in safe mode.', zh: '本机不在安全模式。' },
  'safe-mode-since': {
    en: 'Safe mode since {since}, until {until}: {why}',
    zh: '安全模式，自 {since} 至 {until}：{why}',
  },
  'safe-mode-parts': { en: 'off: {parts}', zh: '已停用：{parts}' },
  'safe-mode-end': { en: '{at}  {part}: {why}', zh: '{at}  {part}：{why}' },
  'safe-mode-unknown-part': { en: 'unknown part', zh: '不明部分' },
  'safe-mode-not-on': {
    en: 'Nothing was changed: the box is not in safe mode.',
    zh: '没有任何改动：本机不在安全模式。',
  },
  'safe-mode-audit-unwritten': { en: 'The audit log could not be written: {cause}', zh: '审计日志写不进去：{cause}' },
  'safe-mode-left': {
    en: 'Safe mode is left. Start the box again: systemctl restart sitebox',
    zh: '已退出安全模式。请重新启动本机：systemctl restart sitebox',
  },
  'run-vanished': { en: 'the run before vanished: killed, or aborted', zh: '上次运行中途消失：被终止或崩溃' },

  'outbox-line': {
    en: '{relay}: {waiting} wait, {dead} refused for good',
    zh: '{relay}：{waiting} 个待发，{dead} 个被拒收',
  },
  'outbox-no-upstream': {
    en: 'no command room is configured (upstream)',
    zh: '配置里没有综合指挥室（upstream）',
  },
  'outbox-refused': { en: '  REFUSED  {event}', zh: '  拒收  {event}' },
  'outbox-failing': { en: '  failing  {event}  (tried {times} times)', zh: '  失败  {event}  （已试 {times} 次）' },
  'outbox-name-events': { en: 'Name events, or give --all.', zh: '请写明事件编号，或用 --all。' },
  'outbox-sent-again': { en: '{sent|event is|events are} sent again', zh: '已重新发送 {sent} 个事件' },
  'outbox-not-refused': {
    en: 'REFUSED: not among those refused for good: {ids}',
    zh: '拒绝：这些不在被拒收的事件之中：{ids}',
  },
  'outbox-no-relay': {
    en: 'There is no command room {wanted}; known: {known}',
    zh: '没有综合指挥室 {wanted}；已有：{known}',
  },
});
