/** Why the store, its folder, a backup or a file beside it cannot be used. */
import { area } from './area.ts';

export const store = area({
  'order-unreadable': {
    en: 'the text of this order cannot be read: ask by radio',
    zh: '这条命令的内容读不出来：请用电台询问',
  },
  'store-unusable': {
    en: 'storage folder {folder} cannot be used: {cause} ({advice})',
    zh: '存储目录 {folder} 不能用：{cause}（{advice}）',
  },
  'store-advice-damaged': {
    en: 'the file is damaged: run "npx sitebox verify-store --repair --config FILE --by NAME", which keeps all that can be read, or restore the last backup with "npx sitebox restore"',
    zh: '文件已损坏：执行 npx sitebox verify-store --repair --config 配置文件 --by 姓名，保留读得出的全部内容；或用 npx sitebox restore 恢复最近的备份',
  },
  'store-advice-folder': {
    en: 'there is a folder in the place of {file}: move it away',
    zh: '{file} 的位置上是一个目录：请移走',
  },
  'store-advice-full': {
    en: 'the disk is full: free space in the folder; nothing that was acknowledged is lost',
    zh: '磁盘已满：请腾出空间；已确认的内容没有丢失',
  },
  'store-advice-owner': {
    en: 'the folder is read-only or not ours: check its owner and mount, or choose another in `storage.folder`',
    zh: '目录只读或不属于本程序：检查属主和挂载，或在 `storage.folder` 里换一个',
  },
  'store-advice-link': {
    en: 'put the file itself into the folder, or name the folder where it is in `storage.folder`',
    zh: '把文件本身放进目录，或在 `storage.folder` 里写它所在的目录',
  },
  'store-advice-busy': {
    en: 'another program uses it alone (`rekey`, or a copy being made): try again when that has ended',
    zh: '另有程序正在独占使用（`rekey` 或正在复制）：等它结束后再试',
  },
  'store-advice-file': {
    en: 'there is a file where the folder should be: choose another path in `storage.folder`',
    zh: '目录的位置上是一个文件：请在 `storage.folder` 里换一个路径',
  },
  'store-advice-newer': {
    en: 'start the version that wrote it, or a newer one; the store is as it was',
    zh: '请启动写出它的那个版本或更新的版本；存储没有改动',
  },
  'store-advice-cause': { en: 'see the cause', zh: '见原因' },
  'store-newer': {
    en: 'the store was written by a newer sitebox (layout {layout}, this one knows {known})',
    zh: '存储由更新版本的 sitebox 写成（格式 {layout}，本版本只认到 {known}）',
  },
  'store-log-unreadable': { en: 'its log cannot be read', zh: '读不出它的日志文件' },
  'store-other-layout': { en: 'the store has another layout', zh: '存储是另一种格式' },
  'store-is-link': { en: '{path} is a symbolic link', zh: '{path} 是符号链接' },
  'store-in-use': {
    en: 'another sitebox already runs on storage folder {folder}: stop it, or give this one a folder of its own in `storage.folder`',
    zh: '另一个 sitebox 正在使用存储目录 {folder}：请停掉它，或在 `storage.folder` 里给这一个另设目录',
  },
  'store-in-use-by': {
    en: 'another sitebox (process {pid}) already runs on storage folder {folder}: stop it, or give this one a folder of its own in `storage.folder`',
    zh: '另一个 sitebox（进程 {pid}）正在使用存储目录 {folder}：请停掉它，或在 `storage.folder` 里给这一个另设目录',
  },
  'store-no-room': {
    en: 'the disk of {folders} has no room: it needs {needed} MiB, and has {free} MiB',
    zh: '{folders} 所在磁盘空间不足：需要 {needed} MiB，只有 {free} MiB',
  },
  'store-reserve-only': {
    en: 'the disk is full: what is left of it is kept for hits, calls for help and orders',
    zh: '磁盘已满：剩余空间留给命中、求助和指令',
  },
  'store-file-gone': { en: 'the file {path} is gone', zh: '文件 {path} 不见了' },
  'store-file-other': { en: '{path} is another file now', zh: '{path} 已换成别的文件' },
  'store-file-replaced': { en: '{path} was removed or replaced', zh: '{path} 被删除或替换' },
  'store-copied-over': { en: 'another store was copied over {path}', zh: '另一个存储覆盖了 {path}' },
  'store-written-by-other': {
    en: 'something else than sitebox has written to {path}',
    zh: 'sitebox 以外的程序写过 {path}',
  },
  'store-nothing-read': { en: 'nothing of it could be read', zh: '什么都读不出' },
  'store-some-read': { en: 'of it could be read: {parts}', zh: '读得出：{parts}' },
  'store-read-lists': { en: 'lists {rows}', zh: '名单 {rows}' },
  'store-read-devices': { en: 'devices {rows}', zh: '装备 {rows}' },
  'store-read-calls': { en: 'calls for help {rows}', zh: '求助 {rows}' },
  'store-read-lost': { en: '{part} ({lost} more are lost)', zh: '{part}（另有 {lost} 丢失）' },
  'store-table-frozen': {
    en: 'table {table} of the store is damaged and is not written to: stop the box and run npx sitebox verify-store --repair',
    zh: '存储的 {table} 表已损坏，不再写入：停机后执行 npx sitebox verify-store --repair',
  },
  'store-rows-odd': {
    en: '{rows|row does|rows do} not hold what was written',
    zh: '{rows} 行的内容与写入时不同',
  },
  'damage-schema': { en: 'the list of tables', zh: '表目录' },
  'damage-free-pages': { en: 'free pages', zh: '空闲页' },
  'damage-header': { en: 'the header', zh: '文件头' },
  'damage-layout-impossible': { en: 'says layout {layout}, which no store has', zh: '写着格式 {layout}，没有这种格式' },
  'damage-layout-older': {
    en: 'says layout {layout}, and {name} is there, which later ones have',
    zh: '写着格式 {layout}，却有后来的格式才有的 {name}',
  },
  'damage-of-schema': { en: 'the list of tables: {what}', zh: '表目录：{what}' },
  'damage-of-free-pages': { en: 'free pages: {what}', zh: '空闲页：{what}' },
  'damage-of-header': { en: 'the header: {what}', zh: '文件头：{what}' },
  'damage-of-table': { en: 'table {table} of the store: {what}', zh: '{table} 表：{what}' },
  'damage-of-index': { en: 'table {table} (index {index}): {what}', zh: '{table} 表（索引 {index}）：{what}' },
  'check-process-ended': { en: 'the checking process ended with {code}', zh: '检查进程已退出，代码 {code}' },

  'anchors-error': {
    en: 'The change is made and in force. But {path} could not be written ({cause}): until it is, a backup that is restored could undo the change. Free space or mend the folder; a running box writes it within a minute.',
    zh: '变更已生效。但 {path} 写不进去（{cause}）：写入之前，恢复备份可能撤销这次变更。请腾出空间或修好目录；运行中的本机一分钟内会写入。',
  },
  'file-too-long': { en: 'it is too long', zh: '文件过长' },
  'file-not-as-written': { en: 'it does not hold what was written', zh: '内容与写入时不同' },
  'file-not-as-expected': { en: 'it does not hold what it should: {members}', zh: '内容不对：{members}' },
  'store-shorter': {
    en: 'the store ends with audit row {last}, and row {known} had been written: rows were lost after they were acknowledged',
    zh: '存储只到审计第 {last} 行，而第 {known} 行曾经写入：已确认的记录丢失',
  },
  'store-replaced': {
    en: 'audit row {known} is another one than was written: the store was replaced',
    zh: '审计第 {known} 行与写入时不同：存储被换过',
  },
  'store-from-backup': {
    en: 'the store was restored from the backup of {made}',
    zh: '存储由 {made} 的备份恢复',
  },

  'backup-other-key': {
    en: '{file} is sealed to key {key}; this is key {ours}',
    zh: '{file} 是用密钥 {key} 加密的；这一把是 {ours}',
  },
  'backup-not-whole': {
    en: '{file} is not whole: it was cut off or altered; use another copy',
    zh: '{file} 不完整：被截断或改动过；请换一份',
  },
  'backup-none': { en: '{file} is no backup of a sitebox', zh: '{file} 不是 sitebox 的备份' },
  'copy-store-damaged': {
    en: 'the store is damaged: {damage}; see "npx sitebox verify-store"',
    zh: '存储已损坏：{damage}；见 npx sitebox verify-store',
  },
  'copy-backup-damaged': {
    en: 'the backup is damaged: {damage}; see "npx sitebox verify-store"',
    zh: '备份已损坏：{damage}；见 npx sitebox verify-store',
  },
  'copy-audit-of-store': {
    en: 'the audit log of the store is not whole: row {row}: {why}',
    zh: '存储的审计日志不完整：第 {row} 行：{why}',
  },
  'copy-audit-of-backup': {
    en: 'the audit log of the backup is not whole: row {row}: {why}',
    zh: '备份的审计日志不完整：第 {row} 行：{why}',
  },

  'path-is-no-file': { en: '{path} is {what}; put the file itself there', zh: '{path} 是{what}；请放上文件本身' },
  'no-file-folder': { en: 'a folder, not a file', zh: '目录，不是文件' },
  'no-file-link': { en: 'a symbolic link, not a file', zh: '符号链接，不是文件' },
  'no-file-pipe-or-socket': { en: 'a named pipe or a socket, not a file', zh: '命名管道或套接字，不是文件' },
  'no-file-pipe': { en: 'a named pipe, not a file', zh: '命名管道，不是文件' },
  'no-file-device': { en: 'a device, not a file', zh: '设备，不是文件' },

  'cannot-listen': {
    en: 'cannot listen on {host}:{port} ({code}): {why}',
    zh: '无法监听 {host}:{port}（{code}）：{why}',
  },
  'outbox-row-damaged': {
    en: 'unreadable: this row of the outbox is damaged (dead {dead}, head {head}, priority {priority})',
    zh: '读不出：待发队列的这一行已损坏（dead {dead}，head {head}，priority {priority}）',
  },
  'outbox-event-damaged': {
    en: 'unreadable: this row of the outbox is damaged; it is kept as it is',
    zh: '读不出：待发队列的这一行已损坏；保持原样',
  },
  'outbox-event-key-lost': {
    en: 'unreadable: the key that this row of the outbox was sealed with is lost; it is kept as it is',
    zh: '读不出：加密这一行的密钥已丢失；保持原样',
  },
  'outbox-event-unread': {
    en: 'the event could not be read from the store: {cause}',
    zh: '从存储读不出这个事件：{cause}',
  },
  'outbox-full': {
    en: 'the outbox of relay {relay} is full ({rows} rows, {bytes} bytes) and what is left in it may not be dropped: restore the connection to the command room, or raise limits.outboxRows and limits.outboxBytes',
    zh: '发往 {relay} 的待发队列已满（{rows} 行，{bytes} 字节），剩下的都不能舍弃：请恢复到综合指挥室的连接，或调高 limits.outboxRows 和 limits.outboxBytes',
  },
});
