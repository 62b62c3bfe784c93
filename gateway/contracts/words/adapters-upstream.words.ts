/** What the ways to the command room say themselves: why nothing arrives there, and which answers are none. */
import { area } from './area.ts';

export const adaptersUpstream = area({
  'url-https-expected': { en: 'expected an https:// address', zh: '应为 https:// 地址' },
  'url-http-loopback': {
    en: 'plain http:// is for loopback only; use https://',
    zh: '不加密的 http:// 只能用于本机；请用 https://',
  },
  'url-no-login': {
    en: 'an address holds no user or password: requests are signed with `secret`',
    zh: '地址里不写用户名和密码：请求用 `secret` 签名',
  },
  'url-no-query': { en: 'expected an address without ? and #', zh: '地址不能带 ? 和 #' },
  'secret-no-signing-key': {
    en: 'the value that it refers to is not a signing key',
    zh: '它引用的值不是签名密钥',
  },
  'secret-no-verifying-key': {
    en: 'the value that it refers to is not a key to verify instructions with',
    zh: '它引用的值不是验证指令的密钥',
  },
  'secret-expected': {
    en: 'expected whsec_ followed by 24 to 64 bytes in base64, for example from: echo whsec_$(openssl rand -base64 32)',
    zh: '应为 whsec_ 加 24 至 64 字节的 base64，例如用 echo whsec_$(openssl rand -base64 32) 生成',
  },

  'event-too-large': {
    en: 'the event is larger than the {most} bytes that may be sent',
    zh: '事件超过可发送的 {most} 字节',
  },
  'event-too-large-has': {
    en: 'the event has {bytes} bytes, more than the {most} that may be sent',
    zh: '事件有 {bytes} 字节，超过可发送的 {most} 字节',
  },
  'room-answered': { en: 'answered {answer}', zh: '应答 {answer}' },
  'room-closed-at-once': { en: 'the connection is closed at once', zh: '连接一建立就被关闭' },
  'room-no-answer': { en: 'no answer within {ms} ms', zh: '{ms} 毫秒内没有应答' },
  'room-no-whole-answer': { en: 'no whole answer within {ms} ms', zh: '{ms} 毫秒内没有收完应答' },
  'room-answer-too-long': {
    en: 'answered {status} with more than {most} bytes: this is not the command room',
    zh: '应答 {status}，超过 {most} 字节：对方不是综合指挥室',
  },
  'room-refused': { en: 'refused for good with {answer}', zh: '对方拒收，不再重发：{answer}' },
  'room-no-acknowledgement': {
    en: '{came}, but not with an acknowledgement: something on the way (a login page, a proxy, another server) answers in place of the command room',
    zh: '{came}，但不是综合指挥室的签收：中途有别的程序（登录页、代理、别的服务器）代为应答',
  },
  'room-redirects': {
    en: '{came}, a redirection, which is not followed: give the final address in `url`',
    zh: '{came}，要求转到别处，本机不跟随：请在 `url` 里写最终地址',
  },
  'room-hint-401': {
    en: '{came}: the signature is not accepted; compare `secret` on both sides, and the clocks',
    zh: '{came}：签名未被接受；请核对两边的 `secret` 和时钟',
  },
  'room-hint-403': {
    en: '{came}: this box is not allowed; it has to be admitted in the command room',
    zh: '{came}：本机未获准；须由综合指挥室登记',
  },
  'room-hint-404': {
    en: '{came}: nothing there; check the path in `url`',
    zh: '{came}：对方没有这个路径；请检查 `url` 的路径',
  },
  'room-hint-407': { en: '{came}: a proxy on the way wants a login', zh: '{came}：中途的代理要求登录' },
  'room-hint-411': {
    en: '{came}: something on the way does not understand the request',
    zh: '{came}：中途有程序不认识这个请求',
  },
  'room-hint-413': {
    en: '{came}: something on the way takes nothing so large; the command room itself would name the event',
    zh: '{came}：中途有程序不收这么大的内容；综合指挥室自己会写明是哪个事件',
  },
  'room-hint-424': {
    en: '{came}: pictures are missing there; they are sent again',
    zh: '{came}：对方缺少图片；会重发',
  },
  'room-hint-451': { en: '{came}: something on the way does not let it through', zh: '{came}：中途有程序不放行' },
  'room-forged': {
    en: 'answered {status}, but the answer is not properly signed: {why}',
    zh: '应答 {status}，但签名不对：{why}',
  },
  'room-nameless-instruction': {
    en: 'the answer has an instruction without a proper id',
    zh: '应答里有一条指令没有规范的编号',
  },

  'signed-not': { en: 'it is not properly signed: {why}', zh: '签名不对：{why}' },
  'signed-no-secret': {
    en: 'this relay has no `secret`, so it cannot verify what comes from the command room: give it one',
    zh: '这条上行没有配置 `secret`，无法验证来自综合指挥室的内容：请配置',
  },
  'signed-retained': { en: 'it is retained, which an instruction must not be', zh: '它是保留消息，指令不能这样发' },
  'signed-other-poll': { en: 'webhook-id is not that of the poll', zh: 'webhook-id 不是本次请求的' },
  'signed-other-id': { en: 'webhook-id is not its id', zh: 'webhook-id 不是指令的编号' },

  'broker-no-subscribers': {
    en: 'the broker took the event, but nobody subscribes to it ({code}): the command room has to subscribe to up/v1/#',
    zh: 'MQTT 服务器收下了事件，但没有人订阅（{code}）：综合指挥室须订阅 up/v1/#',
  },
  'broker-busy': { en: 'the broker asks for patience ({code})', zh: 'MQTT 服务器请求稍后再发（{code}）' },
  'broker-no-publish': {
    en: 'the broker does not allow this box to publish there: check its access rules ({code})',
    zh: 'MQTT 服务器不允许本机发布：请检查它的访问规则（{code}）',
  },
  'broker-topic-invalid': {
    en: 'the broker takes the topic for invalid ({code})',
    zh: 'MQTT 服务器认为主题无效（{code}）',
  },
  'broker-event-invalid': {
    en: 'the broker takes the event for invalid ({code})',
    zh: 'MQTT 服务器认为事件无效（{code}）',
  },
  'broker-not-taken': { en: 'the broker did not take the event ({code})', zh: 'MQTT 服务器没有收下事件（{code}）' },
  'broker-packet-too-large': {
    en: 'the broker takes no packet of more than {most} bytes, and this one has {bytes}',
    zh: 'MQTT 服务器不收超过 {most} 字节的报文，这一个有 {bytes} 字节',
  },
  'broker-lost-before': {
    en: 'the connection to the broker was lost before it acknowledged',
    zh: 'MQTT 服务器还没有确认，连接就断了',
  },
  'broker-subscription-silent': {
    en: 'the broker does not answer the subscription',
    zh: 'MQTT 服务器没有应答订阅',
  },
  'broker-none': { en: 'no connection to the broker', zh: '没有到 MQTT 服务器的连接' },
});
