/** What the crew's equipment says itself: the box's own broker, brokers elsewhere, and the keys of both. */
import { area } from './area.ts';

export const adaptersCrew = area({
  'broker-listen-missing': {
    en: 'expected `listen`, `tls` or `websocket`: where devices connect to',
    zh: '应有 `listen`、`tls` 或 `websocket`：装备从哪里连入',
  },
  'broker-tls-missing': {
    en: 'expected a `tls` block too: its key and certificate are used',
    zh: '还应有 `tls` 段：要用其中的密钥和证书',
  },
  'broker-no-pair': {
    en: '{key} and {certificate} are no pair of private key and certificate',
    zh: '{key} 和 {certificate} 不是配对的私钥和证书',
  },
  'broker-url-expected': { en: 'expected an mqtts:// address', zh: '应为 mqtts:// 地址' },
  'broker-url-loopback': {
    en: 'plain mqtt:// is for loopback only; use mqtts://',
    zh: '不加密的 mqtt:// 只能用于本机；请用 mqtts://',
  },
  'broker-url-login': {
    en: 'give the user in `user` and the password in `password`',
    zh: '用户名请写在 `user`，密码写在 `password`',
  },
  'broker-silent': { en: 'the broker does not answer', zh: 'MQTT 服务器没有应答' },
  'broker-ended': { en: 'the broker has ended the connection', zh: 'MQTT 服务器结束了连接' },
  'broker-lost': { en: 'the connection to the broker was lost', zh: '到 MQTT 服务器的连接断了' },
  'broker-denies-subscription': {
    en: 'the broker does not allow this box to subscribe to {filters}: check its access rules',
    zh: 'MQTT 服务器不允许本机订阅 {filters}：请检查它的访问规则',
  },
  'broker-refuses-subscription': {
    en: 'the broker refuses the subscription ({cause}): check its access rules',
    zh: 'MQTT 服务器拒绝订阅（{cause}）：请检查它的访问规则',
  },
  'broker-other-version': {
    en: 'it does not speak this version of MQTT: where there is a `protocolVersion`, set it to 4',
    zh: '对方不支持这个 MQTT 版本：有 `protocolVersion` 的，请设为 4',
  },
  'broker-other-client-id': {
    en: 'it does not take the client id of this box',
    zh: '对方不接受本机的 client id',
  },
  'broker-wrong-login': { en: 'user or password is wrong', zh: '用户名或密码错误' },
  'broker-not-allowed': { en: 'this box is not allowed to connect', zh: '本机不得连接' },
  'broker-taken-over': {
    en: 'another client has connected with the same client id',
    zh: '有别的程序用同一个 client id 连接了',
  },
  'mavlink-address': { en: 'expected an address such as 192.168.1.20', zh: '应为地址，例如 192.168.1.20' },
  'nmea-device': { en: 'expected the id of a registered device', zh: '应为已登记装备的编号' },
});
