/** What `sitebox audit` says. */
import { area } from './area.ts';

export const cliAudit = area({
  'audit-withheld': {
    en: 'withheld until the hit has a second opinion',
    zh: '第二人研判之前不显示',
  },
  'audit-changed': {
    en: 'the audit log was changed: row {row}: {why}; keep the file and report it',
    zh: '审计日志被改动：第 {row} 行：{why}；保留文件并上报',
  },
  'audit-row-missing': { en: 'the row is missing', zh: '这一行不见了' },
  'audit-row-altered': { en: 'the row, or the one before it, was altered', zh: '这一行或前一行被改动' },
  'audit-end-missing': {
    en: 'rows at the end are missing, or the head was altered',
    zh: '末尾缺少记录，或日志头被改动',
  },
  'audit-rows-lost': {
    en: 'rows of the audit log are lost; once it is known why: npx sitebox audit --config {file} --accept {row} --by NAME',
    zh: '审计日志有记录丢失；查明原因后执行：npx sitebox audit --config {file} --accept {row} --by 姓名',
  },
  'audit-whole': { en: 'the audit log is whole: {rows|row|rows}', zh: '审计日志完整：共 {rows} 行' },
  'audit-accept-by': {
    en: '--accept needs --by NAME: the person who has looked into it',
    zh: '--accept 要带 --by 姓名：写明由谁查过',
  },
  'audit-no-loss': { en: 'row {row} tells of no loss; nothing was changed', zh: '第 {row} 行没有记丢失；没有任何改动' },
  'audit-restart': {
    en: 'row {row}, {at}: the log was started anew by {by}: {why}{missing}{open}',
    zh: '第 {row} 行，{at}：{by} 另起新日志：{why}{missing}{open}',
  },
  'audit-restart-missing': { en: '; rows {rows} are not there', zh: '；缺少第 {rows} 行' },
  'audit-restart-open': { en: ' (not yet looked into)', zh: '（尚未查明）' },
  'audit-shorter': {
    en: 'the audit log has become shorter: it ends with row {last}, and row {row} had been written on this box; keep the file and report it',
    zh: '审计日志变短了：只到第 {last} 行，而本机写过第 {row} 行；保留文件并上报',
  },
  'audit-shorter-than': {
    en: 'the audit log has become shorter: it ends with row {last}, and row {row} is in {file}; keep the file and report it',
    zh: '审计日志变短了：只到第 {last} 行，而 {file} 里有第 {row} 行；保留文件并上报',
  },
  'audit-other': {
    en: 'the audit log is another one: row {row} is not the row {row} that had been written on this box; keep the file and report it',
    zh: '审计日志不是原来那份：第 {row} 行与本机写过的第 {row} 行不同；保留文件并上报',
  },
  'audit-other-than': {
    en: 'the audit log is another one: row {row} is not the row {row} in {file}; keep the file and report it',
    zh: '审计日志不是原来那份：第 {row} 行与 {file} 里的第 {row} 行不同；保留文件并上报',
  },
  'audit-against-empty': {
    en: '{file} names no row of the audit log of {box}: expected an export, or events with "audit"',
    zh: '{file} 里没有 {box} 审计日志的行号：应为导出文件，或带 "audit" 的事件',
  },
  'audit-head-forged': {
    en: 'the head of row {row} in {file} is not signed with a key of this box; keep both and report it',
    zh: '{file} 里第 {row} 行的日志头不是本机密钥签的；两份都保留并上报',
  },
  'audit-this-box': { en: 'the store', zh: '本机存储' },
  'audit-hit-changed': {
    en: 'hit {hit} is not as it was logged; keep the file and report it',
    zh: '命中 {hit} 与日志登记的不一致；保留文件并上报',
  },
  'audit-more-wrong': { en: 'and {more} more that do not fit', zh: '另有 {more} 处不符' },
  'audit-vouched-all': {
    en: 'a command room holds the signed head of the last row, of {at}: any change shows when compared with it (audit against)',
    zh: '指挥室持有最后一行的签名日志头（{at}）：任何改动经比对（audit against）都能发现',
  },
  'audit-vouched': {
    en: 'a command room holds the signed head of row {row}, of {at}: a change up to there shows when compared with it (audit against); for the {rest|row|rows} after it there is only the word of this box',
    zh: '指挥室持有第 {row} 行的签名日志头（{at}）：此前的改动经比对（audit against）可以发现；其后 {rest} 行只有本机自己的记录',
  },
  'audit-vouched-none': {
    en: 'no command room holds a signed head yet: rows cut off at the end, or an older copy put back, would not show here',
    zh: '还没有指挥室持有签名的日志头：截掉末尾或放回旧文件，在本机看不出来',
  },
  'audit-agrees': {
    en: 'the audit log is the one in {file}: {heads|row or head agrees|rows and heads agree}, up to row {row}',
    zh: '审计日志与 {file} 一致：核对 {heads} 处，直到第 {row} 行',
  },
  'audit-since-form': {
    en: 'expected a day or a time with its zone, such as 2026-11-30 or 2026-11-30T08:00:00Z',
    zh: '应为日期或带时区的时间，例如 2026-11-30 或 2026-11-30T08:00:00Z',
  },
  'audit-shown': { en: '{shown} of {rows|row|rows}, since {since}', zh: '共 {rows} 行，其中 {since} 起 {shown} 行' },
  'audit-export-exists': { en: '{to} is there already; nothing was written', zh: '{to} 已经存在；什么都没有写' },
  'audit-export-no-head': {
    en: 'this box has not signed its audit log yet: start it, and export then',
    zh: '本机还没有签署过审计日志：先启动本机，再导出',
  },
  'audit-key-unread': {
    en: 'audit.key cannot be used, and an export without a signature proves nothing: {cause}',
    zh: 'audit.key 无法使用，没有签名的导出不能作证：{cause}',
  },
  'audit-exported': {
    en: '{to}: rows up to {row} of {last}, with their signed head',
    zh: '{to}：第 1 行到第 {row} 行（共 {last} 行），附签名的日志头',
  },
  'audit-export-check': {
    en: 'verified anywhere by: node {script} {file} {key}\nTake the key from the command room (auditKey of its health events), not from here.',
    zh: '在任何地方都可校验：node {script} {file} {key}\n公钥应取自指挥室（状态事件里的 auditKey），不要取自本机。',
  },
  'audit-against-no-json': { en: '{file}: line {line} is not JSON', zh: '{file}：第 {line} 行不是 JSON' },
});
