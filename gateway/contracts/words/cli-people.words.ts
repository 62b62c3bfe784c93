/** What `sitebox person` says, and its help. */
import { area } from './area.ts';

export const cliPeople = area({
  'kind-police': { en: 'police', zh: '民警' },
  'kind-auxiliary': { en: 'auxiliary', zh: '辅警' },
  'account-role-officer': { en: 'officer', zh: '执勤' },
  'account-role-technician': { en: 'technician', zh: '技术员' },
  'account-role-auditor': { en: 'auditor', zh: '审计员' },

  'person-row': { en: '{number}  {name}  {kind}  {role}{state}', zh: '{number}  {name}  {kind}  {role}{state}' },
  'person-state-disabled': { en: '  DISABLED {at}', zh: '  已停用 {at}' },
  'person-state-waits': { en: '  gives opinions from {at}', zh: '  自 {at} 起可研判' },
  'person-none': { en: 'no account yet: npx sitebox person setup', zh: '还没有账户：npx sitebox person setup' },
  'person-added': { en: 'added: {person}', zh: '已建立：{person}' },
  'person-disabled': {
    en: 'disabled, and every session of it has ended: {person}',
    zh: '已停用，其全部会话已结束：{person}',
  },
  'person-few-left': {
    en: 'warning: {n|officer is|officers are} left; new officers take two people: `person recover` is the only way then',
    zh: '警告：只剩 {n} 名执勤人员；新建执勤账户需要两人：届时只能用 `person recover`',
  },
  'person-reset': {
    en: 'new password set, and every session has ended: {person}',
    zh: '口令已更新，全部会话已结束：{person}',
  },
  'person-vouched': { en: 'vouched for: {person}', zh: '已担保：{person}' },
  'session-row': { en: '{id}  {kind}  {holder}  since {at}{state}', zh: '{id}  {kind}  {holder}  自 {at}{state}' },
  'session-kind-personal': { en: 'personal', zh: '个人' },
  'session-kind-duty': { en: 'duty room', zh: '值班屏' },
  'session-kind-lane': { en: 'lane display', zh: '车道显示' },
  'session-kind-setup': { en: 'set-up', zh: '设置' },
  'session-kind-recovery': { en: 'recovery', zh: '账户重建' },
  'session-state-idle': { en: '  idle', zh: '  闲置' },
  'session-none': { en: 'no session is open', zh: '没有打开的会话' },
  'display-code-made': {
    en: 'For one screen of lane {lane}, once, within ten minutes: scan this, or open {url}\nor type this code on the page of the lane: {code}',
    zh: '用于通道 {lane} 的一块屏幕，十分钟内一次有效：请扫描上面的二维码，或打开 {url}\n或在通道页面上输入代码：{code}',
  },
  'display-no-lane': { en: 'this box has no gate lane {lane}', zh: '本机没有验证通道 {lane}' },
  'session-revoked': { en: 'session {id} is revoked', zh: '会话 {id} 已撤销' },
  'person-password-of': { en: 'Password of {number}:', zh: '{number} 的口令：' },
  'person-new-password': {
    en: 'New password of {number}, typed by its owner (10 characters or more):',
    zh: '{number} 的新口令，由本人输入（至少 10 个字符）：',
  },
  'person-password-again': { en: 'Once more:', zh: '再输入一次：' },
  'person-passwords-differ': { en: 'The two passwords differ.', zh: '两次输入的口令不一致。' },
  'person-root': { en: 'REFUSED: only root at the console may do this', zh: '拒绝：只有 root 可在控制台执行' },
  'input-ended': {
    en: 'The input ended before all was answered; nothing was changed.',
    zh: '输入提前结束；什么都没有改动。',
  },

  'bad-origin': {
    en: 'expected an address such as https://10.20.0.1:8420',
    zh: '应为类似 https://10.20.0.1:8420 的地址',
  },
  'help-person-display-at': {
    en: 'address by which the screen reaches the box; default: from listen of the configuration',
    zh: '显示屏访问本机的地址；默认取配置中的 listen',
  },

  'setup-code': {
    en: 'Set-up code for {page}, for one use within 24 hours: {code}',
    zh: '设置码，在 {page} 输入，24 小时内可用一次：{code}',
  },
  'setup-code-at-start': {
    en: 'This box has no account yet. As root: npx sitebox person setup --config {file}. Set-up code for {page}, for one use within 24 hours: {code}',
    zh: '本机还没有账户。以 root 运行：npx sitebox person setup --config {file}。设置码，在 {page} 输入，24 小时内可用一次：{code}',
  },
  'setup-done-already': {
    en: 'REFUSED: this box has accounts; two people add more with `person add`',
    zh: '拒绝：本机已有账户；由两人用 `person add` 新建',
  },
  'recover-without-accounts': {
    en: 'REFUSED: this box has no account yet: `person setup`',
    zh: '拒绝：本机还没有账户：请用 `person setup`',
  },
  'setup-how': {
    en: 'Enter two officers and one auditor or technician. Each types the password alone. The accounts are made when all three are entered.',
    zh: '请录入两名执勤人员和一名审计员或技术员。口令由本人单独输入。三人录完后账户一并建立。',
  },
  'recover-how': {
    en: 'This is logged, sent to the command room, and an alarm for 24 hours. Enter two officers and one auditor or technician; who has an account gets a new password. They give opinions from 24 hours on.',
    zh: '此操作已记入日志、上报综合指挥室，并告警 24 小时。请录入两名执勤人员和一名审计员或技术员；已有账户者将更换口令。24 小时后方可研判。',
  },
  'setup-missing': {
    en: 'Still to enter: {officers|officer|officers}, {others|auditor or technician|auditors or technicians}.',
    zh: '还需录入：执勤人员 {officers} 名，审计员或技术员 {others} 名。',
  },
  'setup-done': { en: 'The box is set up: three accounts.', zh: '设置完成：已建立三个账户。' },
  'recover-done': { en: 'Three accounts are entered.', zh: '三个账户已录入。' },
  'ask-number': { en: 'Service number:', zh: '警号：' },
  'ask-name': { en: 'Name:', zh: '姓名：' },
  'ask-kind': { en: 'Kind', zh: '人员类别' },
  'ask-role': { en: 'Role', zh: '角色' },
  'no-such-answer': {
    en: 'There is no "{answer}" to choose: expected a number from 1 to {most}, or the words beside it.',
    zh: '没有“{answer}”这一项：请输入 1 至 {most} 的序号，或序号旁的文字。',
  },

  'help-person': {
    en: 'who has an account on the box, and what it may do',
    zh: '谁在本机有账户、可做什么',
  },
  'help-person-number': { en: 'the service number', zh: '警号' },
  'help-person-by': {
    en: 'who answers for it, by service number; each types a password. An officer or auditor account takes two',
    zh: '由谁负责（警号），各自输入口令。执勤或审计账户需要两人',
  },
  'help-person-vouched': {
    en: 'they know this person: the account gives opinions at once, not from 24 hours on',
    zh: '担保认识本人：账户立即可研判，不必等 24 小时',
  },
  'help-person-name': { en: 'the name of the person', zh: '姓名' },
  'help-person-kind': { en: 'police (民警) or auxiliary (辅警)', zh: 'police（民警）或 auxiliary（辅警）' },
  'help-person-role': {
    en: 'officer: hits, crew, orders, reports. technician: devices and configuration. auditor: the log',
    zh: 'officer（执勤）：命中、队员、指令、报表。technician（技术员）：设备与配置。auditor（审计员）：日志',
  },
  'help-person-add': { en: 'make an account; its owner types the password', zh: '建立账户；口令由本人输入' },
  'help-person-list': { en: 'all accounts, the disabled ones too', zh: '全部账户，含已停用的' },
  'help-person-disable': {
    en: 'disable an account and end its sessions; one officer is enough',
    zh: '停用账户并结束其会话；一名执勤人员即可',
  },
  'help-person-reset': {
    en: 'a new password, by its owner with the old one or by those who could add the account; enables it again',
    zh: '更换口令：本人凭旧口令，或由可建立该账户的人；同时重新启用',
  },
  'help-person-vouch': { en: 'two people vouch for a new account', zh: '两人为新账户担保' },
  'help-person-sessions': { en: 'open sessions of people, screens and set-up', zh: '打开的会话：人员、屏幕和设置' },
  'help-person-session': { en: 'the session, as `person sessions` lists it', zh: '会话编号，见 `person sessions`' },
  'help-person-display': { en: 'make a code for the display of a lane', zh: '生成通道显示屏的代码' },
  'help-person-lane': { en: 'the id of the gate lane', zh: '验证通道编号' },
  'help-person-revoke': { en: 'end one session at once', zh: '立即结束一个会话' },
  'help-person-one': { en: 'who does it, by service number; types the password', zh: '由谁执行（警号），需输入口令' },
  'help-person-setup': { en: 'as root: enter the first three accounts', zh: '以 root：录入最初的三个账户' },
  'help-person-recover': {
    en: 'as root, where too few people are left: enter three accounts; logged, sent upstream, an alarm for 24 hours',
    zh: '以 root，人员不足时：录入三个账户；记入日志、上报并告警 24 小时',
  },
  'help-person-code': {
    en: 'print a code for the page instead of asking here',
    zh: '不在此处录入，而是显示供网页使用的设置码',
  },
});
