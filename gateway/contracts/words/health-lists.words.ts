/** What /health and the alarms say of lists, roots of trust and the command room. */
import { area } from './area.ts';

export const healthLists = area({
  'plate-list': { en: 'plate-list', zh: '号牌布控名单' },
  'doc-list': { en: 'doc-list', zh: '证件布控名单' },

  'list-loading': { en: 'nothing matches: {list}: loading: {detail}', zh: '{list}正在载入，暂不比对：{detail}' },
  'list-loading-todo': {
    en: 'wait: a list of 100,000 entries takes some seconds after a start; look at vehicles and documents by eye meanwhile',
    zh: '请稍候：十万条的名单启动后要几秒钟；其间人工查验车辆和证件',
  },
  'list-not-loaded': { en: 'nothing matches: {list}: not loaded: {detail}', zh: '{list}未载入，不比对：{detail}' },
  'list-not-loaded-todo': {
    en: 'it is tried again every 30 s; see the log, and import the lists again if it does not pass',
    zh: '每 30 秒自动重试；看日志，一直不消失就重新导入名单',
  },
  'list-lost': { en: 'nothing matches: {list}: lost: {detail}', zh: '{list}已丢失，不比对：{detail}' },
  'list-lost-todo': {
    en: 'repair the store or restore a backup, with the box stopped (see what is said of the store); until then look at vehicles and documents by eye',
    zh: '停机修复存储或恢复备份（见存储的告警）；在此之前人工查验车辆和证件',
  },
  'list-missing': { en: 'nothing matches: {list}: no list: {detail}', zh: '没有{list}，不比对：{detail}' },
  'list-missing-todo': {
    en: 'import one: npx sitebox list import FILE --config CONFIG',
    zh: '请导入：npx sitebox list import 名单文件 --config 配置文件',
  },
  'list-no-trust': { en: 'nothing matches: {list}: no trust: {detail}', zh: '{list}没有信任根，不比对：{detail}' },
  'list-no-trust-todo': {
    en: 'install root.json as described in docs/lists.md',
    zh: '按 docs/lists.md 安装 root.json',
  },
  'list-expired': { en: 'nothing matches: {list}: expired: {detail}', zh: '{list}已到期，不比对：{detail}' },
  'list-expired-todo': {
    en: 'ask the list office for the next version and import it; until then nothing matches',
    zh: '向名单部门要新版本并导入；在此之前什么都比不中',
  },
  'list-unsigned': { en: 'nothing matches: {list}: unsigned: {detail}', zh: '{list}签名不足，不比对：{detail}' },
  'list-unsigned-todo': { en: 'ask the list office for a signed copy', zh: '向名单部门要签好名的名单' },
  'list-altered': { en: 'nothing matches: {list}: altered: {detail}', zh: '{list}被改动过，不比对：{detail}' },
  'list-altered-todo': {
    en: 'import the list again; if that does not help, report it as tampering',
    zh: '重新导入名单；仍不行就按被篡改上报',
  },
  'list-wrong-site': { en: 'nothing matches: {list}: wrong site: {detail}', zh: '{list}不是本站的，不比对：{detail}' },
  'list-wrong-site-todo': { en: 'ask the list office for the list of this site', zh: '向名单部门要本站的名单' },
  'list-rolled-back': { en: 'nothing matches: {list}: rolled back: {detail}', zh: '{list}版本过旧，不比对：{detail}' },
  'list-rolled-back-todo': { en: 'import the newest version of the list', zh: '导入最新版本的名单' },
  'list-too-big': { en: 'nothing matches: {list}: too big: {detail}', zh: '{list}过大，不比对：{detail}' },
  'list-too-big-todo': {
    en: 'ask the list office for a shorter list, or raise limits.listBytes and limits.listEntries',
    zh: '向名单部门要短一些的名单，或调高 limits.listBytes 和 limits.listEntries',
  },
  'list-unreadable': { en: 'nothing matches: {list}: unreadable: {detail}', zh: '{list}读不懂，不比对：{detail}' },
  'list-unreadable-todo': { en: 'import the list again', zh: '重新导入名单' },
  'list-refused': {
    en: 'a list was refused ({why}), brought by {by}: {detail}',
    zh: '一份名单被拒收（{why}），导入人 {by}：{detail}',
  },
  'list-refused-todo': {
    en: 'ask who brought it and where it comes from; the list in force stays in force',
    zh: '问清是谁拿来的、从哪里来；原来生效的名单不变',
  },
  'list-load': {
    en: 'the lists of the store cannot be loaded: {cause}; what was in force before, if anything, stays in force',
    zh: '存储里的名单无法载入：{cause}；此前生效的（如有）继续有效',
  },
  'list-load-todo': {
    en: 'it is tried again every 30 s; import the lists again, and look at the log',
    zh: '每 30 秒自动重试；请重新导入名单，并看日志',
  },

  'why-loading': { en: 'loading', zh: '正在载入' },
  'why-not-loaded': { en: 'not loaded', zh: '未载入' },
  'why-lost': { en: 'lost', zh: '已丢失' },
  'why-no-list': { en: 'no list', zh: '没有名单' },
  'why-no-policy': { en: 'no policy', zh: '没有策略' },
  'why-no-trust': { en: 'no trust', zh: '没有信任根' },
  'why-expired': { en: 'expired', zh: '已到期' },
  'why-unsigned': { en: 'unsigned', zh: '签名不足' },
  'why-altered': { en: 'altered', zh: '被改动' },
  'why-wrong-site': { en: 'wrong site', zh: '不是本站的' },
  'why-rolled-back': { en: 'rolled back', zh: '版本过旧' },
  'why-too-big': { en: 'too big', zh: '过大' },
  'why-unreadable': { en: 'unreadable', zh: '读不懂' },

  'root-store': {
    en: 'root.json version {version} at lists.trust is in force, and the store has not taken it: {cause}',
    zh: 'lists.trust 处的 root.json 第 {version} 版已生效，但存储没有收下：{cause}',
  },
  'root-store-todo': {
    en: 'it is tried again every 30 s: see what is said of the store. Leave the file in its place',
    zh: '每 30 秒自动重试：先处理存储的告警。文件请留在原处',
  },
  'root-not-in-force': {
    en: 'root.json at lists.trust is not in force: {detail}; version {version} stays in force',
    zh: 'lists.trust 处的 root.json 未生效：{detail}；仍以第 {version} 版为准',
  },
  'root-not-in-force-todo': { en: 'install root version {next} first', zh: '先安装第 {next} 版信任根' },
  'root-waits': {
    en: 'root.json version {version} at lists.trust waits: its list keys did not sign the {lists} of this box',
    zh: 'lists.trust 处的 root.json 第 {version} 版暂不生效：本机的{lists}不是用它的名单密钥签的',
  },
  'root-waits-todo': {
    en: 'import the first list that its keys signed: both come into force together. If the list keys of version {before} were stolen, cut them off at once: npx sitebox list trust --config CONFIG --drop-lists; nothing matches then until the next import',
    zh: '导入由新密钥签名的第一份名单，两者同时生效。第 {before} 版的名单密钥若已被盗，立即作废：npx sitebox list trust --config 配置文件 --drop-lists；此后到下次导入之前什么都比不中',
  },

  'upstream-stuck': {
    en: '{id} has taken nothing for {seconds} s; {rows|event waits|events wait} on disk{cause}',
    zh: '{id} 已有 {seconds} 秒没有收下任何事件；{rows} 个事件存在磁盘上等待{cause}',
  },
  'upstream-stuck-todo': {
    en: 'check the line to the command room; nothing is lost, call in hits by radio meanwhile',
    zh: '检查到综合指挥室的线路；事件不会丢，其间用电台报告命中',
  },
  'upstream-refused': {
    en: '{dead|event|events} for {id} were refused for good, or cannot be read any more',
    zh: '发给 {id} 的 {dead} 个事件被拒收，或已读不出来',
  },
  'upstream-refused-todo': {
    en: 'see npx sitebox outbox list for each; report it to the maker of the command room; the events are kept on this box',
    zh: '逐个原因见 /health 的 upstream；报告综合指挥室的厂家；事件保留在本机',
  },
  'upstream-turned-away': {
    en: '{rows|event is|events are} turned away by something else than the command room of {id}: {cause}',
    zh: '发给综合指挥室 {id} 的 {rows} 个事件被中途的其他程序挡回：{cause}',
  },
  'upstream-turned-away-todo': {
    en: 'look for what answers between box and command room (a proxy, a login page, a limit on sizes), and see npx sitebox outbox list; the box keeps the events and goes on trying, and the others go on',
    zh: '查本机与综合指挥室之间是什么在应答（代理、登录页、大小限制），并运行 npx sitebox outbox list 查看；事件留在本机继续重试，其他事件照常发送',
  },
  'upstream-orphaned': {
    en: '{rows|event waits|events wait} for command room {relay}, which `upstream` does not name any more',
    zh: '{rows} 个事件在等待综合指挥室 {relay}，而 `upstream` 里已没有它',
  },
  'upstream-orphaned-todo': {
    en: 'they are not sent: give the command room its old id again in `upstream` until they have left',
    zh: '这些事件不会发送：请在 `upstream` 里恢复它原来的编号，直到发完',
  },
  'instructions-undone': {
    en: 'instructions that came by {relay} were not acted on: {turnedDown} turned down and {setAside} set aside since the start; the last was turned down: {cause}',
    zh: '经 {relay} 来的指令没有执行：启动以来拒绝 {turnedDown} 条、搁置 {setAside} 条；最近一条被拒绝：{cause}',
  },
  'instructions-undone-todo': {
    en: 'ask the command room whether it gave it; compare secrets and clocks, and see who may publish below down/v1/',
    zh: '问综合指挥室是否下达过；核对双方密钥和时钟，并查谁能在 down/v1/ 下发布',
  },
  'instructions-set-aside': {
    en: 'instructions that came by {relay} were not acted on: {turnedDown} turned down and {setAside} set aside since the start; the last was set aside: {cause}',
    zh: '经 {relay} 来的指令没有执行：启动以来拒绝 {turnedDown} 条、搁置 {setAside} 条；最近一条被搁置：{cause}',
  },
  'instructions-set-aside-todo': {
    en: 'report it to the maker; the command room has been informed that it was not done',
    zh: '报告厂家；综合指挥室已收到“未执行”的答复',
  },
});
