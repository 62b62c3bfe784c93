/** Why a port cannot be opened, why an address cannot be reached, and what is wrong with a certificate. */
import { area } from './area.ts';

export const network = area({
  'listen-host-expected': {
    en: 'expected an address of this box, such as 192.168.1.2',
    zh: '应为本机的地址，例如 192.168.1.2',
  },
  'listen-refused': { en: 'cannot listen on {host} port {port}: {why}', zh: '无法监听 {host} 端口 {port}：{why}' },
  'pem-unreadable': { en: '{file} cannot be read ({code})', zh: '{file} 读不了（{code}）' },
  'pem-expected': { en: 'expected a PEM file', zh: '应为 PEM 文件' },
  'listen-taken': {
    en: 'something else listens there already: end it, or choose another `{key}.port`',
    zh: '已有别的程序在监听：请结束它，或在 `{key}.port` 里换一个端口',
  },
  'listen-privilege': {
    en: 'this user may not listen there: choose a `{key}.port` from 1024 on',
    zh: '当前用户不能监听该端口：`{key}.port` 请用 1024 及以上的',
  },
  'listen-no-address': {
    en: 'this box has no such address: check `{key}.host`',
    zh: '本机没有这个地址：请检查 `{key}.host`',
  },
  'listen-failed': { en: 'it cannot be opened ({code}): check `{key}`', zh: '打不开（{code}）：请检查 `{key}`' },
  'cause-unknown': { en: 'unknown cause', zh: '原因不明' },
  'connect-refused-broker': {
    en: 'nothing listens there: is the broker running, and is the port in `{key}` right?',
    zh: '该地址没有程序在监听：MQTT 服务器是否在运行，`{key}` 的端口对不对？',
  },
  'connect-refused-camera': {
    en: 'nothing listens there: is the camera running, and is the port in `{key}` right?',
    zh: '该地址没有程序在监听：摄像机是否在运行，`{key}` 的端口对不对？',
  },
  'connect-refused-converter': {
    en: 'nothing listens there: is the converter running, and is the port in `{key}` right?',
    zh: '该地址没有程序在监听：串口服务器是否在运行，`{key}` 的端口对不对？',
  },
  'connect-refused-room': {
    en: 'nothing listens there: is the command room running, and is the port in `{key}` right?',
    zh: '该地址没有程序在监听：综合指挥室是否在运行，`{key}` 的端口对不对？',
  },
  'connect-name-unknown': {
    en: 'the host name is not known: check `{key}` and the name service',
    zh: '查不到主机名：请检查 `{key}` 和域名服务',
  },
  'connect-name-service': { en: 'the name service does not answer', zh: '域名服务没有应答' },
  'connect-no-way': {
    en: 'there is no way to that address: check address and network',
    zh: '到不了那个地址：请检查地址和网络',
  },
  'connect-cut': { en: 'the connection was cut before an answer came', zh: '还没有应答，连接就断了' },
  'connect-no-tls': {
    en: 'it does not speak TLS as expected: is the port right?',
    zh: '对方没有按 TLS 应答：端口对不对？',
  },
  'certificate-expired': {
    en: 'its certificate has expired: it has to be renewed there (or the clock of this box is wrong)',
    zh: '对方的证书已到期：须由对方更换（或本机时钟不准）',
  },
  'certificate-not-yet-valid': {
    en: 'its certificate is not valid yet: the clock of this box is probably wrong',
    zh: '对方的证书尚未生效：本机时钟多半不准',
  },
  'certificate-other-name': {
    en: 'its certificate is for another name: check the name in `{key}`',
    zh: '对方的证书是另一个名字的：请检查 `{key}` 里的名字',
  },
  'certificate-unknown-authority': {
    en: 'its certificate is from an unknown authority: give the authority in `ca` (of one signed by itself, the certificate)',
    zh: '对方的证书由不认识的机构签发：请在 `ca` 里写上该机构的证书（自签的就写证书本身）',
  },
  'part-ended': { en: 'ended without being asked to', zh: '自行结束' },
  'no-acknowledgement': { en: 'no acknowledgement within {ms} ms', zh: '{ms} 毫秒内没有确认' },
  'webhook-clocks-differ': {
    en: 'the clocks differ by {seconds} s (at most {most} s)',
    zh: '双方时钟相差 {seconds} 秒（最多 {most} 秒）',
  },
  'webhook-header-missing': { en: 'a webhook- header is missing', zh: '缺少 webhook- 开头的报头' },
  'webhook-timestamp': {
    en: 'webhook-timestamp is not a number of seconds',
    zh: 'webhook-timestamp 不是秒数',
  },
  'webhook-no-signature-fits': {
    en: 'no signature fits: the secrets of box and command room differ',
    zh: '签名都不对：本机与综合指挥室的密钥不一致',
  },
});
