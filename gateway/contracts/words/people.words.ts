/** What accounts and sessions say: why a login, a password or a change is refused, and what a person has to look at. */
import { area } from './area.ts';

export const people = area({
  'login-wrong': { en: 'service number or password is wrong', zh: '警号或口令不对' },
  'login-disabled': { en: 'this account is disabled', zh: '该账户已停用' },
  'login-wait': {
    en: 'too many wrong passwords: try again in {minutes} min',
    zh: '口令错误次数过多：请 {minutes} 分钟后再试',
  },
  'login-busy': { en: 'too many people log in at once: try again', zh: '同时登录的人过多：请再试一次' },
  'password-short': { en: 'the password needs at least {least} characters', zh: '口令至少要 {least} 个字符' },
  'password-long': { en: 'the password has more than {most} characters', zh: '口令超过 {most} 个字符' },
  'password-common': {
    en: 'this password is among the commonest, which are tried first',
    zh: '这个口令太常见，会被最先猜到',
  },
  'password-personal': {
    en: 'the password holds the service number or the name',
    zh: '口令里含有警号或姓名',
  },
  'password-list-missing': {
    en: 'the list of common passwords is not installed: run ./setup',
    zh: '没有安装常见口令表：请运行 ./setup',
  },
  'pin-form': { en: 'a PIN has 6 digits', zh: 'PIN 码为 6 位数字' },
  'pin-simple': {
    en: 'this PIN is a run of digits or part of the service number',
    zh: 'PIN 码不能是连续或相同的数字，也不能取自警号',
  },
  'pin-missing': {
    en: 'this account has no PIN yet: log in with the password',
    zh: '该账户还没有 PIN 码：请用口令登录',
  },
  'pin-wrong': { en: 'service number or PIN is wrong', zh: '警号或 PIN 码不对' },
  'pin-tries': { en: 'too many wrong PINs: the password is needed', zh: 'PIN 码错误次数过多：请输入口令' },
  'session-ended': { en: 'this session has ended: log in', zh: '会话已结束：请登录' },
  'session-idle': {
    en: 'this session was idle for {minutes} min: service number and PIN open it for one act',
    zh: '会话已闲置 {minutes} 分钟：输入警号和 PIN 码可再操作一次',
  },
  'session-not-proved': { en: 'this needs the password once more', zh: '此操作需要再次输入口令' },
  'session-unknown': { en: 'there is no such session', zh: '没有这个会话' },
  'session-revoke-role': {
    en: 'sessions are revoked by officers and technicians',
    zh: '会话只能由执勤人员或技术员撤销',
  },
  'display-code-role': {
    en: 'codes for displays are made by officers and technicians',
    zh: '显示屏代码只能由执勤人员或技术员生成',
  },
  'typed-throttled': {
    en: '{wrong} wrong passwords or codes ({account}) from the screen at {address} within {minutes} min: none from there is looked at for a while',
    zh: '{minutes} 分钟内，{address} 处的屏幕输错口令或代码（{account}）{wrong} 次：暂不受理来自该处的登录',
  },
  'typed-throttled-todo': {
    en: 'find out who tries there. Whoever has forgotten a password gets a new one by two others (`person reset`), and may log in again after 15 min at most; if nobody of yours sits there, take that screen off the network',
    zh: '查明是谁在那里输入。忘记口令的人由另外两人重设（`person reset`），最迟 15 分钟后可再登录；若不是本站人员，断开那块屏幕的网络',
  },
  'typed-throttled-more': {
    en: '{wrong} wrong passwords or codes ({account}) from each of {more} more addresses within {minutes} min: none from there is looked at for a while',
    zh: '{minutes} 分钟内，另有 {more} 个地址各输错口令或代码（{account}）{wrong} 次：暂不受理来自这些地址的登录',
  },
  'typed-throttled-more-todo': {
    en: 'somebody guesses from many addresses: find out who can reach the web server of the box, and keep others out of its network',
    zh: '有人从多个地址猜测：查明谁能访问本机的网页服务器，把其他人挡在网络之外',
  },
  'setup-code-unknown': {
    en: 'this code is unknown, used already, or has expired: the box prints a new one at each start, and `npx sitebox person setup --code` makes one (`person recover --code` where there are accounts)',
    zh: '该代码不存在、已使用或已过期：本机每次启动都会显示新代码，也可用 `npx sitebox person setup --code` 生成（已有账户时用 `person recover --code`）',
  },
  'code-unknown': {
    en: 'this code is unknown, used already, or has expired',
    zh: '该代码不存在、已使用或已过期',
  },
  'code-used': {
    en: 'this code was used already, by this screen or another: have a new one made, and end a session that is not yours',
    zh: '该代码已被本屏或别的屏使用过：请重新生成；如有不明会话，请撤销',
  },
  'code-expired': {
    en: 'this code has expired, it holds for {minutes} min: have a new one made',
    zh: '该代码已过期（有效期 {minutes} 分钟）：请重新生成',
  },
  'person-number-form': {
    en: 'a service number has 3 to 20 letters and digits',
    zh: '警号应为 3 至 20 个字母或数字',
  },
  'person-number-taken': {
    en: 'this service number has an account, perhaps a disabled one: reset enables it again',
    zh: '该警号已有账户（可能已停用）：用 reset 可重新启用',
  },
  'person-name-form': { en: 'a name has 1 to {most} characters', zh: '姓名应为 1 至 {most} 个字符' },
  'person-no-role': { en: 'an account needs a role', zh: '账户要有角色' },
  'person-many': { en: 'this box has {most} accounts already', zh: '本机已有 {most} 个账户' },
  'person-unknown': { en: 'there is no account with this service number', zh: '没有该警号的账户' },
  'person-disabled-already': { en: 'this account is disabled already', zh: '该账户早已停用' },
  'person-no-officer': {
    en: 'only an officer account sees hits and judges them',
    zh: '只有执勤角色的账户可以查看和研判命中',
  },
  'person-judges-later': {
    en: 'this account is new and gives opinions from {at} on, unless two people vouch for it',
    zh: '新账户自 {at} 起方可研判；两人担保后可立即研判',
  },
  'person-backers': {
    en: 'this needs {needed|person who proves who they are|different people who prove who they are}',
    zh: '需要 {needed} 名不同人员各自验证身份',
  },
  'person-backs-self': { en: 'nobody backs an account of their own', zh: '不能为自己的账户担保' },
  'person-backer-role': {
    en: 'accounts are changed by officers, or an officer and an auditor, whose own accounts are not new',
    zh: '账户只能由执勤人员，或执勤人员与审计员共同变更，且其本人账户不是新账户',
  },

  'setup-number-twice': {
    en: 'this service number was entered already: these are three different people',
    zh: '该警号刚才已录入：三人必须各不相同',
  },
  'setup-enough-officers': {
    en: 'two officers are entered: the third is an auditor or a technician',
    zh: '两名执勤人员已录入：第三人应为审计员或技术员',
  },
  'setup-enough-others': {
    en: 'the auditor or technician is entered: the others are officers',
    zh: '审计员或技术员已录入：其余应为执勤人员',
  },
  'display-shared': {
    en: 'lane {lane}: two clients show its display with one token',
    zh: '车道 {lane}：两个终端在用同一个显示令牌',
  },
  'display-shared-todo': {
    en: 'Look for a second screen. If there is none, revoke the token and set up the display again.',
    zh: '请查找第二块屏幕。若没有，请撤销令牌，重新设置显示屏。',
  },
  'accounts-recovered': {
    en: 'the entry of new accounts was opened by root at the console at {at}',
    zh: '{at}，root 在控制台打开了账户重建',
  },
  'accounts-recovered-todo': {
    en: 'Ask who did it and why. The alarm ends 24 h later; accounts entered there give no opinions before.',
    zh: '请核实由谁、因何操作。24 小时后警报解除；在此录入的账户 24 小时内不能研判。',
  },
});
