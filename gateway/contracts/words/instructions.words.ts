/** Why an instruction of the command room, or its answer to a poll, is refused. */
import { area } from './area.ts';

export const instructions = area({
  'the-instruction': { en: 'the instruction', zh: '指令' },
  'the-answer': { en: 'the answer', zh: '应答' },
  'the-poll': { en: 'the poll', zh: '轮询' },
  'member-of-instruction': { en: "the instruction's {path}", zh: '指令的 {path}' },
  'member-of-answer': { en: "the answer's {path}", zh: '应答的 {path}' },
  'member-of-poll': { en: "the poll's {path}", zh: '轮询的 {path}' },
  'message-no-json': { en: '{what} is not JSON', zh: '{what} 不是 JSON' },
  'message-unknown-member': { en: '{what} has a member that is not known', zh: '{what} 有本机不认识的字段' },
  'message-not-as-expected': { en: '{what} is not as expected: {expected}', zh: '{what} 不对，应为：{expected}' },

  'instruction-too-large': { en: 'the instruction is larger than {most} bytes', zh: '指令超过 {most} 字节' },
  'instruction-in-a-circle': {
    en: "the instruction's source is this box: it went in a circle",
    zh: '指令的 source 是本机：它绕了一圈回来',
  },
  'instruction-other-box': { en: "the instruction's subject is another box", zh: '指令的 subject 是另一台主机' },
  'instruction-unknown-type': {
    en: "the instruction's type is none that this box knows",
    zh: '本机不认识指令的 type',
  },
  'instruction-until-over': {
    en: 'the instruction has expired: data.until is over',
    zh: '指令已过期：data.until 已过',
  },
  'instruction-until-missing': {
    en: "the instruction's data.until is missing: expected when the mode ends",
    zh: '指令缺少 data.until：应写模式何时结束',
  },
  'instruction-place-missing': {
    en: "the instruction's data.place is missing: expected what `nearest` is meant from",
    zh: '指令缺少 data.place：应写 `nearest` 从哪里算起',
  },
  'instruction-not-yet-valid': {
    en: 'the instruction is not valid yet: its time lies {seconds} s ahead, at most {most} s is accepted; set the clocks',
    zh: '指令尚未生效：它的时间超前 {seconds} 秒，最多允许 {most} 秒；请校准双方时钟',
  },
  'instruction-expiry-missing': {
    en: "the instruction's expirytime is missing: expected an RFC 3339 time",
    zh: '指令缺少 expirytime：应为 RFC 3339 格式的时间',
  },
  'instruction-expired': { en: 'the instruction has expired', zh: '指令已过期' },
  'instruction-valid-too-long': {
    en: 'the instruction is valid for too long: expected an expirytime within {days} days',
    zh: '指令有效期过长：expirytime 应在 {days} 天之内',
  },
  'instruction-kind-unknown': {
    en: 'this box has no part that takes an instruction of kind {kind}',
    zh: '本机没有处理 {kind} 类指令的部分',
  },
  'instructions-too-many': {
    en: 'too many instructions: no more can be remembered this week',
    zh: '指令过多：本周已记不下更多',
  },
  'instruction-no-call': { en: 'this box has no call for help {sos}', zh: '本机没有求助 {sos}' },

  'expected-id': { en: '1 to 64 visible ASCII characters', zh: '1 至 64 个可见的 ASCII 字符' },
  'expected-time': { en: 'an RFC 3339 time', zh: 'RFC 3339 格式的时间' },
  'expected-exact-text': { en: 'exactly the text {text}', zh: '文字 {text}' },
  'expected-text': { en: 'some text', zh: '文字' },
  'expected-text-most': { en: 'text of at most {most} characters', zh: '最多 {most} 个字符的文字' },
  'expected-box-id': { en: 'the id of the box', zh: '主机编号' },
  'expected-words': {
    en: '1 to {most} characters, no control characters',
    zh: '1 至 {most} 个字符，不含控制字符',
  },
  'expected-ulid': { en: 'an id of this box', zh: '本机给出的编号' },
  'expected-place': { en: 'lat and lon, and perhaps a name', zh: 'lat 和 lon，可加 name' },
  'expected-device-ids': {
    en: 'a list of 1 to 100 different device ids, or nearest and perhaps a role',
    zh: '1 至 100 个不重复的装备编号，或 nearest（可加 role）',
  },
  'expected-device-id': {
    en: 'a device id: 1 to 32 of a-z, 0-9 and -',
    zh: '装备编号：1 至 32 个 a-z、0-9 或 -',
  },
  'expected-role': { en: 'officer, guard or volunteer', zh: 'officer、guard 或 volunteer' },
  'expected-mode': { en: 'normal, heightened or emergency', zh: 'normal、heightened 或 emergency' },
  'expected-outcome': { en: 'confirmed or dismissed', zh: 'confirmed 或 dismissed' },
  'expected-other-person': { en: 'another person than `by`', zh: '与 `by` 不同的人' },
  'expected-verdict': { en: 'confirm or dismiss', zh: 'confirm 或 dismiss' },
  'expected-reason': { en: 'a reason code', zh: '理由代码' },
  'expected-service-number': { en: '3 to 20 of 0-9 and A-Z', zh: '3 至 20 个 0-9 或 A-Z' },
  'expected-person-kind': { en: 'police or auxiliary', zh: 'police 或 auxiliary' },
  'expected-digests': { en: 'at most 16 digests of pictures', zh: '最多 16 个图片摘要' },
  'expected-list-most': { en: 'a list of at most {most}', zh: '最多 {most} 项的列表' },
});
