/** What /health and the alarms say of the store, its disk and the files beside it. */
import { area } from './area.ts';

const NOTHING_KEPT = {
  en: 'stop the box and run "npx sitebox verify-store --repair", or restore a backup (docs/guide.md, 7). Until then nothing is kept: call in hits by radio',
  zh: '停机后执行 npx sitebox verify-store --repair，或恢复备份（docs/guide.zh.md 第 7 节）。在此之前什么都不保存：用电台报告命中',
} as const;

const REPAIR = {
  en: 'stop the box and run "npx sitebox verify-store --repair", or restore the last backup; until then what belongs there is refused',
  zh: '停机后执行 npx sitebox verify-store --repair，或恢复最近的备份；在此之前写入这里的内容一律拒收',
} as const;

export const healthStore = area({
  'store-full': {
    en: 'the disk of the store is full, and nothing can be kept: {cause}',
    zh: '存储所在磁盘已满，什么都存不下：{cause}',
  },
  'store-full-todo': {
    en: 'free space in the storage folder now, do not switch the box off; what is seen meanwhile waits in memory',
    zh: '立即腾出磁盘空间，不要关机；其间看到的先留在内存里',
  },
  'store-busy': {
    en: 'another program holds the lock of the store, and nothing can be kept: {cause}',
    zh: '另一个程序占着存储，什么都存不下：{cause}',
  },
  'store-busy-todo': {
    en: 'find the program that holds the store (fuser sitebox.db) and end it; what is seen meanwhile waits in memory',
    zh: '用 fuser sitebox.db 查出占用存储的程序并结束它；其间看到的先留在内存里',
  },
  'store-read-only': {
    en: 'the store can only be read: look-ups go on, and nothing can be kept: {cause}',
    zh: '存储只读：照常核验，但什么都存不下：{cause}',
  },
  'store-read-only-todo': {
    en: 'make the folder writable again (see its mount and its owner); the box then goes on. Hits and calls are shown and not kept',
    zh: '让目录恢复可写（检查挂载和属主），之后自动继续。命中和求助照常显示，但不保存',
  },
  'store-moved': {
    en: 'the store is not the one that the box opened, and nothing is kept or acknowledged: {cause}',
    zh: '存储已不是本机打开的那一个，什么都不保存、不确认：{cause}',
  },
  'store-moved-todo': {
    en: 'put the very files back that the box opened, or restore a backup, and start the box anew (docs/guide.md, 7). Until then nothing is kept: call in hits by radio',
    zh: '把原来的文件放回原处，或恢复备份，再重启本机（docs/guide.zh.md 第 7 节）。在此之前什么都不保存：用电台报告命中',
  },
  'store-damaged': {
    en: 'the store is damaged, the box goes on without it, and nothing is kept: {cause}',
    zh: '存储已损坏，本机不带存储运行，什么都不保存：{cause}',
  },
  'store-damaged-todo': NOTHING_KEPT,
  'store-failed': {
    en: 'the disk does not take what is written to the store: {cause}',
    zh: '磁盘写不进存储的内容：{cause}',
  },
  'store-failed-todo': {
    en: 'look at the disk (dmesg), and move to a new one while it can be read (docs/guide.md, 8); the box keeps trying',
    zh: '检查磁盘（dmesg），趁还能读出来换到新盘（docs/guide.zh.md 第 8 节）；本机会一直重试',
  },
  'store-reserve': {
    en: 'the disk is full: hits, calls for help and orders are kept on the reserve of the box, and nothing else is',
    zh: '磁盘已满：命中、求助和指令写入备用空间，其他一概不存',
  },
  'store-reserve-todo': {
    en: 'free space in the storage folder now; the reserve lasts for some hundreds of hits',
    zh: '立即腾出磁盘空间；备用空间只够几百个命中',
  },
  'store-part-damaged': { en: 'the store is damaged: {damage}', zh: '存储已损坏：{damage}' },
  'store-part-damaged-todo': REPAIR,
  'store-check-failed': { en: 'the store could not be checked: {cause}', zh: '无法检查存储：{cause}' },
  'store-check-failed-todo': {
    en: 'mend what else is said of the disk and the storage folder (space, mount, owner); the box then looks again',
    zh: '先处理磁盘和存储目录的其他告警（空间、挂载、属主）；之后自动重新检查',
  },
  'audit-log-altered': {
    en: 'the audit log is not whole: row {row}: {why}',
    zh: '审计日志不完整：第 {row} 行：{why}',
  },
  'audit-log-altered-todo': {
    en: 'keep the file, and find out who or what changed it: see "npx sitebox audit" and docs/store.md',
    zh: '保留文件，查明是谁、是什么改动了它：见 npx sitebox audit 和 docs/store.md',
  },
  'store-rows-lost': {
    en: 'rows of the store were lost, which was noticed at {at}: {why}',
    zh: '存储丢失了记录，于 {at} 发现：{why}',
  },
  'store-rows-lost-todo': {
    en: 'find out why (power, disk, a file put back), compare with what the command room holds, then "npx sitebox audit --accept {row} --by NAME"',
    zh: '查明原因（断电、磁盘、放回了旧文件），与综合指挥室持有的核对，然后执行 npx sitebox audit --accept {row} --by 姓名',
  },
  'store-rows-unreadable': {
    en: '{rows|row|rows} of {table} in the store cannot be read any more and are passed over',
    zh: '存储的 {table} 表有 {rows} 行已读不出来，已跳过',
  },
  'store-rows-unreadable-todo': {
    en: 'keep the box running, keep the last backup (none is made of a damaged store), have the disk looked at; then npx sitebox verify-store',
    zh: '不要停机，保留最近的备份（已损坏的存储不能再备份），检查磁盘；然后执行 npx sitebox verify-store',
  },
  'audit-head-blocked': { en: '{cause}', zh: '{cause}' },
  'audit-head-blocked-todo': {
    en: 'take it away, and what lies beside it as audit.head.damaged; until then only anchors.json shows that a store lost its last rows',
    zh: '把它和旁边的 audit.head.damaged 一起移走；在此之前，存储若丢失末尾的记录，只有 anchors.json 能发现',
  },
  'audit-key-unusable': {
    en: 'the head of the audit log is not signed: audit.key cannot be used: {cause}',
    zh: '审计日志头没有签名：audit.key 无法使用：{cause}',
  },
  'audit-key-unusable-todo': {
    en: 'see to the owner and the mode (0600) of audit.key in the storage folder, or to the credential; until then the command room gets no signed head',
    zh: '检查存储目录里 audit.key 的属主和权限（0600），或 systemd 凭据；在此之前，指挥室收不到签名的日志头',
  },
  'audit-key-replaced': {
    en: 'the key that signs the audit log is another one since {at}',
    zh: '签署审计日志的密钥自 {at} 起换了一把',
  },
  'audit-key-replaced-todo': {
    en: 'find out who removed or replaced audit.key; if that was meant, give the command room the new key: {key}',
    zh: '查明是谁移走或更换了 audit.key；如属有意，把新公钥告知指挥室：{key}',
  },
  'audit-gap': {
    en: '{rows|row|rows} of the audit log could not be written since {from}; calls for help and look-ups go on',
    zh: '自 {from} 起审计日志有 {rows} 行写不进去；求助和比对照常进行',
  },
  'audit-gap-todo': {
    en: 'mend what else is said of the store; the number of rows is then entered as a gap',
    zh: '先处理存储的其他告警；之后会把缺少的行数记为缺口',
  },
  'anchors-unwritten': {
    en: 'beside the store: anchors.json could not be written: {cause}',
    zh: '存储旁的 anchors.json 写不进去：{cause}',
  },
  'anchors-unwritten-todo': {
    en: 'free space on the disk, or mend the folder; the box tries again each minute',
    zh: '腾出磁盘空间，或修好目录；每分钟重试一次',
  },
  'anchors-uncompared': {
    en: 'beside the store: the store could not be compared with anchors.json: {cause}',
    zh: '无法把存储与 anchors.json 核对：{cause}',
  },
  'anchors-uncompared-todo': {
    en: 'free space on the disk, or mend the folder; the box tries again each minute',
    zh: '腾出磁盘空间，或修好目录；每分钟重试一次',
  },
  'anchors-damaged': {
    en: 'anchors.json is damaged ({cause}) and is put aside as {aside}; it was made anew from the store',
    zh: 'anchors.json 已损坏（{cause}），移到一旁为 {aside}；已根据存储重建',
  },
  'anchors-damaged-todo': {
    en: 'what a backup that is restored could undo is known only since then: see docs/store.md',
    zh: '恢复备份会撤销哪些变更，只有此后的才查得到：见 docs/store.md',
  },
  'anchors-gone': {
    en: 'anchors.json was gone; it was made anew from the store',
    zh: 'anchors.json 曾丢失；已根据存储重建',
  },
  'anchors-gone-todo': {
    en: 'what a backup that is restored could undo is known only since then: see docs/store.md',
    zh: '恢复备份会撤销哪些变更，只有此后的才查得到：见 docs/store.md',
  },
  'hits-waiting': {
    en: '{hits|hit|hits} could not be stored yet and wait in memory{cause}',
    zh: '{hits} 个命中还没有存下，在内存里等待{cause}',
  },
  'hits-waiting-todo': {
    en: 'do what is said of the store beside this, and do not switch the box off',
    zh: '按存储的告警处理，不要关机',
  },
  'hits-aside': {
    en: '{hits|hit|hits} cannot be stored and wait in memory, while others are stored: {cause}',
    zh: '{hits} 个命中存不下，在内存里等待，其他命中照常保存：{cause}',
  },
  'hits-aside-todo': {
    en: 'do what is said of the store or of the line beside this; otherwise report it to the maker, and do not switch the box off',
    zh: '按存储或线路的告警处理；没有这类告警就报告厂家。不要关机',
  },
  'hits-lost': {
    en: '{hits|hit was|hits were} lost because the store refused them for too long',
    zh: '{hits} 个命中丢失：存储拒收的时间太长',
  },
  'hits-lost-todo': {
    en: 'mend what keeps the store from writing, and report the loss',
    zh: '排除存储不能写入的原因，并上报丢失情况',
  },
  'disk-space-low': {
    en: 'only {free} MiB free in the storage folder (wanted: {wanted} MiB)',
    zh: '存储目录只剩 {free} MiB（应不少于 {wanted} MiB）',
  },
  'disk-space-low-todo': { en: 'free space on this disk', zh: '在这块磁盘上腾出空间' },

  'file-is-link': {
    en: '{path} is a symbolic link to {target}: nothing is written through it',
    zh: '{path} 是指向 {target} 的符号链接：不会经它写入',
  },
  'file-is-link-todo': {
    en: 'put the file itself there, or name its own place in the configuration',
    zh: '把文件本身放在这里，或在配置里写它真正的位置',
  },
  'file-of-other-user': {
    en: '{path} belongs to another user ({owner})',
    zh: '{path} 属于另一个用户（{owner}）',
  },
  'file-of-other-user-todo': {
    en: 'give it to user {user}: chown {user} {path}',
    zh: '把它交给用户 {user}：chown {user} {path}',
  },
  'file-open-to-others': {
    en: '{path} is open to other users of this computer (mode {mode})',
    zh: '{path} 对本机其他用户开放（权限 {mode}）',
  },
  'file-open-to-others-todo': { en: 'chmod {right} {path}', zh: 'chmod {right} {path}' },
});
