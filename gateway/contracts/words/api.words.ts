/** What the API refuses, and the words of the set-up page and of the page on which a display gets its token. */
import { area } from './area.ts';

export const api = area({
  'api-failed': { en: 'the box could not do this; its log says why', zh: '本机未能完成此操作，原因见日志' },
  'api-store': {
    en: 'the store takes no writes now, so nothing was changed: /health says why',
    zh: '存储暂时不能写入，未做任何改动：原因见 /health',
  },
  'api-foreign': { en: 'a page of another site may not do this', zh: '其他网站的页面不能进行此操作' },
  'api-form': { en: 'not what was expected, at {where}', zh: '{where} 处的内容不符合要求' },
  'api-form-place': { en: '{where} ({problem})', zh: '{where}（{problem}）' },
  'api-body-json': { en: 'the body of the request is no JSON', zh: '请求的内容不是 JSON' },
  'api-body-large': { en: 'the body of the request is larger than 64 KiB', zh: '请求的内容超过 64 KiB' },
  'api-body-type': {
    en: 'the body of the request is of another type: expected application/json',
    zh: '请求的内容类型不对：应为 application/json',
  },
  'api-csrf': {
    en: 'the token against forged requests is missing or old: load the page again',
    zh: '缺少防伪造令牌或令牌已过期：请重新加载页面',
  },
  'api-not-set-up': {
    en: 'this box has no accounts yet: open /setup with the code from its console',
    zh: '本机还没有账户：请用控制台上的代码打开 /setup',
  },
  'api-no-crew': { en: 'this box has no crew: its configuration has no `crew`', zh: '本机没有警组：配置中没有 `crew`' },
  'expected-order-to': {
    en: 'expected 1 to 100 device ids, or `nearest` (1 to 100) with or without `role` (officer, guard, volunteer)',
    zh: '应为 1 至 100 个装备编号，或 `nearest`（1 至 100），可加 `role`（officer、guard、volunteer）',
  },
  'api-not-untold': {
    en: 'this device does not wait for the end of an alert to that hit',
    zh: '此装备没有等待该命中的解除预警',
  },
  'api-other-lane': { en: 'this display belongs to another lane', zh: '此显示屏属于另一条通道' },
  'api-role': { en: 'the roles of this session do not allow it', zh: '当前会话的角色无权进行此操作' },
  'api-streams': {
    en: 'too many screens follow what happens here: close one and try again',
    zh: '正在接收实时更新的屏幕过多：请关闭一个后重试',
  },
  'api-unknown-sos': { en: 'there is no such call for help', zh: '没有这一求助' },
  'api-too-fast': { en: 'too many requests: wait a minute', zh: '请求过于频繁：请等待一分钟' },

  'page-setup-title': { en: 'First accounts of this box', zh: '本机的首批账户' },
  'page-setup-lead': {
    en: 'Two officers and one auditor or technician are entered within an hour. Each types the password alone. The accounts are made when the third person is entered.',
    zh: '须在一小时内录入两名执勤人员和一名审计员或技术员。口令由各人自行输入，旁人不得观看。录入第三人后账户一并生效。',
  },
  'page-setup-code': { en: 'Code from the console of the box', zh: '本机控制台上的代码' },
  'page-setup-next': { en: 'Next', zh: '下一步' },
  'page-setup-number': { en: 'Service number', zh: '警号' },
  'page-setup-name': { en: 'Name', zh: '姓名' },
  'page-setup-kind': { en: 'Kind', zh: '人员类别' },
  'page-setup-police': { en: 'police officer', zh: '民警' },
  'page-setup-auxiliary': { en: 'auxiliary', zh: '辅警' },
  'page-setup-role': { en: 'Role', zh: '角色' },
  'page-setup-officer': { en: 'officer: hits, crew, orders, reports', zh: '执勤：命中、警组、指令、报告' },
  'page-setup-auditor': { en: 'auditor: reads the log and the figures', zh: '审计：查阅日志和统计' },
  'page-setup-technician': { en: 'technician: devices, health, configuration', zh: '技术：设备、运行状态、配置' },
  'page-setup-password': { en: 'Password, at least 10 characters', zh: '口令，至少 10 个字符' },
  'page-setup-again': { en: 'Password once more', zh: '再输入一次口令' },
  'page-setup-differ': { en: 'the two passwords differ', zh: '两次输入的口令不一致' },
  'page-setup-enter': { en: 'Enter this person', zh: '录入此人' },
  'page-setup-missing': {
    en: 'Entered. Still missing: {officers|officer|officers}, {others|auditor or technician|auditors or technicians}.',
    zh: '已录入。还缺：执勤人员 {officers} 名，审计员或技术员 {others} 名。',
  },
  'page-setup-done': {
    en: 'The three accounts are made. The code and this page are used up; log in with your own account.',
    zh: '三个账户已生效。代码和本页面已失效，请用各自的账户登录。',
  },

  'page-display-title': { en: 'Display of a lane', zh: '通道显示屏' },
  'page-display-lead': {
    en: 'This screen shows a lane once it has taken a code, which an officer or technician makes at the box: npx sitebox person display LANE --by NUMBER. A code is good for ten minutes and one screen.',
    zh: '执勤人员或技术员在主机上生成代码后（npx sitebox person display 通道 --by 警号），本屏幕才能显示通道。代码十分钟内有效，只能用于一块屏幕。',
  },
  'page-display-code': { en: 'Code', zh: '代码' },
  'page-display-take': { en: 'Use this screen for the lane', zh: '将本屏幕用于该通道' },
});
