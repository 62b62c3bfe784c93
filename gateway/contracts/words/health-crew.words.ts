/** What /health and the alarms say of the crew's devices and their logins. */
import { area } from './area.ts';

export const healthCrew = area({
  'crew-no-devices': {
    en: 'no device of the crew can log in: 0 devices could be read out of the damaged store',
    zh: '队员装备都无法登录：损坏的存储里一台装备也读不出',
  },
  'crew-no-devices-todo': {
    en: 'the crew calls by radio; stop the box and run "npx sitebox verify-store --repair", or restore a backup (docs/guide.md, 7)',
    zh: '队员改用电台联络；停机后执行 npx sitebox verify-store --repair，或恢复备份（docs/guide.zh.md 第 7 节）',
  },
  'crew-login-unjudged': {
    en: '{times|login of a device|logins of devices} could not be judged: {cause}',
    zh: '装备的 {times} 次登录无法核对：{cause}',
  },
  'crew-login-unjudged-todo': {
    en: 'calls for help of a device that cannot log in are not heard: call by radio. See what is said of the store; if that is well, start the box anew',
    zh: '登录不上的装备，求助无人听到：改用电台。先看存储的告警；存储正常就重启本机',
  },
  'credential-shared': {
    en: 'two clients use the credential of {devices}',
    zh: '两台装备共用一个密码：{devices}',
  },
  'credential-shared-todo': {
    en: 'find out who has the second device. If it is not one of yours: npx sitebox device revoke ID, and register it anew under its id',
    zh: '查明第二台在谁手里。不是自己的：npx sitebox device revoke 编号，再用原编号重新登记',
  },
  'credential-revoked': { en: 'login of a revoked device: {devices}', zh: '已停用的装备又来登录：{devices}' },
  'credential-revoked-todo': {
    en: 'it is at this address now: it may be the one that was lost or stolen',
    zh: '它现在就在这个地址：可能正是遗失或被盗的那台',
  },
  'credential-guessed': {
    en: 'a wrong password comes again and again for {devices}',
    zh: '反复用错误密码登录：{devices}',
  },
  'credential-guessed-todo': {
    en: 'type the password into the device again, or register it anew; if it is not one of yours, somebody is guessing',
    zh: '在装备上重新输入密码，或重新登记；不是自己的装备，就是有人在猜密码',
  },
  'stand-down-untold': {
    en: 'the alert {hit} has ended, and these devices have not got the end: {devices}',
    zh: '布控预警 {hit} 已解除，以下装备尚未收到：{devices}',
  },
  'stand-down-untold-todo': {
    en: 'call their carriers by radio: stand down. Then enter each: npx sitebox alert told HIT DEVICE --by NAME. The device gets the end when it connects',
    zh: '用电台通知持机人：解除预警。通知后逐台登记：npx sitebox alert told 命中编号 装备编号 --by 姓名。装备连上后会收到解除',
  },
  'alerts-unrecorded': {
    en: 'the store refuses {alerts|alert|alerts}: the crew is not alerted, because an alert that is not on disk could not be ended',
    zh: '存储不接收 {alerts} 条布控预警，没有发给队员：未存盘的预警无法解除',
  },
  'alerts-unrecorded-todo': {
    en: 'alert the crew by radio; see what is said of the store',
    zh: '改用电台通知队员；先看存储的告警',
  },
  'and-more': { en: '{some} and {more} more', zh: '{some}，另有 {more} 台' },
});
