/** Why an order, a mode or a device of the crew is refused, and what a device sends wrongly. */
import { area } from './area.ts';

export const crew = area({
  'order-needs-place': { en: 'an order to the nearest needs a place', zh: '发给最近装备的指令要有地点' },
  'order-nobody-near': {
    en: 'nobody is near: the position of no device that can show an order is known and fresh',
    zh: '附近没有人：能显示指令的装备都没有最新位置',
  },
  'order-nobody-near-stale': {
    en: 'nobody is near: the position of no device that can show an order is known and fresh; not known well enough: {devices}',
    zh: '附近没有人：能显示指令的装备都没有最新位置；位置过时的有 {devices}',
  },
  'order-nobody-near-of-role': {
    en: 'nobody is near: the position of no device of role {role} that can show an order is known and fresh',
    zh: '附近没有人：{role} 类能显示指令的装备都没有最新位置',
  },
  'order-nobody-near-of-role-stale': {
    en: 'nobody is near: the position of no device of role {role} that can show an order is known and fresh; not known well enough: {devices}',
    zh: '附近没有人：{role} 类能显示指令的装备都没有最新位置；位置过时的有 {devices}',
  },
  'order-device-unregistered': {
    en: 'device {id} is not registered, or was revoked',
    zh: '装备 {id} 没有登记，或已停用',
  },
  'order-device-shows-none': {
    en: 'device {id} speaks {protocol} and can show no order',
    zh: '装备 {id} 用的是 {protocol}，不能显示指令',
  },
  'order-text-length': { en: 'the text of an order has 1 to {most} characters', zh: '指令内容应为 1 至 {most} 个字符' },
  'order-by-length': {
    en: 'an order needs the name of the person who gives it, 1 to {most} characters',
    zh: '指令要写下达人姓名，1 至 {most} 个字符',
  },
  'order-place-degrees': {
    en: 'the place of an order is given in degrees: latitude -90 to 90, longitude -180 to 180',
    zh: '指令的地点用度表示：纬度 -90 至 90，经度 -180 至 180',
  },
  'order-place-length': { en: 'the name of a place has 1 to {most} characters', zh: '地点名称应为 1 至 {most} 个字符' },
  'order-targets': { en: 'an order is for 1 to {most} devices', zh: '一条指令发给 1 至 {most} 台装备' },

  'mode-needs-by': {
    en: 'a mode needs the name of who sets it, at most {most} characters',
    zh: '设置模式要写设置人姓名，最多 {most} 个字符',
  },
  'mode-needs-reason': {
    en: 'a mode needs a reason, at most {most} characters',
    zh: '设置模式要写原因，最多 {most} 个字符',
  },
  'mode-needs-end': {
    en: 'mode {mode} needs an end that lies ahead, by at most {hours} h',
    zh: '{mode} 模式要写结束时间，须晚于现在，且在 {hours} 小时之内',
  },
  'mode-over-heightened': { en: 'heightened is over', zh: '战时已到时结束' },
  'mode-over-emergency': { en: 'emergency is over', zh: '应急已到时结束' },
  'mode-as-installed': { en: 'as installed', zh: '出厂设置' },

  'device-registered-already': {
    en: 'device {id} is registered already; revoke it first',
    zh: '装备 {id} 已经登记；请先停用',
  },
  'devices-most': { en: '{most} devices are registered, and that is the most', zh: '已登记 {most} 台装备，到了上限' },
  'device-serial-taken': {
    en: 'serial {serial} already belongs to device {id}',
    zh: '序列号 {serial} 已属于装备 {id}',
  },

  'device-time-impossible': {
    en: 'it says a time that cannot be, or none',
    zh: '装备报的时间不可信，或没有报时间',
  },
  'device-clock-off': { en: 'its clock is {offset}: {hint}', zh: '时钟{offset}：{hint}' },
  'field-printable': { en: 'expected 1 to {most} printable characters', zh: '应为 1 至 {most} 个可显示的字符' },
  'field-epoch-seconds': {
    en: 'expected seconds since 1970, UTC, at most a day off',
    zh: '应为 1970 年以来的秒数（UTC），相差不超过一天',
  },
  'field-epoch-milliseconds': { en: 'expected milliseconds since 1970', zh: '应为 1970 年以来的毫秒数' },
  'field-both-or-neither': { en: 'expected both or neither', zh: '两个要么都写，要么都不写' },
  'field-json': { en: 'expected JSON in UTF-8', zh: '应为 UTF-8 的 JSON' },
  'field-object': { en: 'expected an object', zh: '应为 JSON 对象' },
  'field-bytes-most': { en: 'expected at most {most} bytes', zh: '最多 {most} 字节' },
  'field-too-deep': {
    en: 'expected at most {most} objects or lists in each other',
    zh: '对象或列表嵌套最多 {most} 层',
  },
  'field-foreign-key': { en: 'a key that no message has', zh: '含有任何报文都没有的键' },
  'field-of-protocol': { en: 'expected what {protocol} has there', zh: '应符合 {protocol} 的规定' },
  'range-percent': { en: 'percent from {least} to {most}', zh: '百分比 {least} 至 {most}' },
  'range-degrees': { en: 'degrees from {least} to {most}', zh: '{least} 至 {most} 度' },
  'range-metres': { en: 'metres from {least} to {most}', zh: '{least} 至 {most} 米' },
  'range-km-per-hour': { en: 'km/h from {least} to {most}', zh: '{least} 至 {most} 公里/小时' },
  'range-m-per-second': { en: 'm/s from {least} to {most}', zh: '{least} 至 {most} 米/秒' },
  'range-dbm': { en: 'dBm from {least} to {most}', zh: '{least} 至 {most} dBm' },
  'range-whole-number': { en: 'a whole number from {least} to {most}', zh: '{least} 至 {most} 的整数' },
  'range-seconds': { en: 'seconds from {least} to {most}', zh: '{least} 至 {most} 秒' },
  'whole-number': { en: 'a whole number', zh: '整数' },
  'json-object': { en: 'a JSON object', zh: 'JSON 对象' },

  'alert-cancelled': { en: 'Stand down: the alert has ended', zh: '解除预警' },

  'fault-malformed': { en: 'malformed', zh: '格式错误' },
  'fault-odd-field': { en: 'odd field', zh: '字段不对' },
  'fault-clock-wrong': { en: 'clock wrong', zh: '时钟不准' },
  'fault-not-allowed': { en: 'not allowed', zh: '无权发送' },
  'fault-too-large': { en: 'too large', zh: '过大' },
  'fault-too-fast': { en: 'too fast', zh: '过于频繁' },
  'fault-unknown-device': { en: 'unknown device', zh: '装备未登记' },
  'fault-not-stored': { en: 'not stored', zh: '未保存' },
  'fault-login': { en: 'login', zh: '登录' },
});
