/** What the web server of the box says: its certificate, how to trust it, and its problems. */
import { area } from './area.ts';

export const web = area({
  'web-unreadable': {
    en: 'this address cannot be read: expected a path of this box',
    zh: '无法识别该地址：应为本机的路径',
  },
  'web-one-host': { en: 'expected one Host header', zh: '请求中应只有一个 Host' },
  'web-other-name': {
    en: 'this box does not answer to that name: add it to `listen.hosts`, or ask by address',
    zh: '本机不以该名称应答：请把它写入 `listen.hosts`，或改用地址访问',
  },
  'web-no-page': {
    en: 'this box has no such page: expected /lanes, /setup, /display, /health, /metrics, or a route that /api/v1/openapi.json names',
    zh: '本机没有这个页面：应为 /lanes、/setup、/display、/health、/metrics，或 /api/v1/openapi.json 所列的接口',
  },
  'web-no-file': { en: 'the page has no such file', zh: '页面没有这个文件' },
  'web-no-display': {
    en: 'no display of that name follows this lane now',
    zh: '目前没有该名称的显示屏连接此通道',
  },
  'web-own-button': {
    en: "this is the lane page's own button: other pages and programs may not press it",
    zh: '此按钮属于通道页面：其他页面和程序不能使用',
  },
  'web-no-comparison': {
    en: 'this lane does not compare faces: there is nothing to decline',
    zh: '此通道不做人脸比对，无需拒绝',
  },
  'web-no-lane': {
    en: 'this box has no gate lane of that name; its gate lanes are: {lanes}',
    zh: '本机没有该名称的验证通道；现有验证通道：{lanes}',
  },
  'web-no-lanes': {
    en: 'this box has no gate lane of that name; no gate lane is configured',
    zh: '本机没有该名称的验证通道；配置中没有验证通道',
  },
  'web-seats': {
    en: 'as many displays follow this lane as may ({n} in all): close one',
    zh: '连接此通道的显示屏已达上限（共 {n} 块）：请关闭一块',
  },
  'web-seats-here': {
    en: 'as many displays follow this lane as may ({n} of them at this address): close one',
    zh: '连接此通道的显示屏已达上限（此地址 {n} 块）：请关闭一块',
  },
  'tls-ends': {
    en: 'the certificate of the web server ends at {at}',
    zh: '网页服务器的证书将于 {at} 到期',
  },
  'tls-ends-todo': {
    en: 'put a new one where `listen.tls` names it: the box reads it within an hour. Its own certificate the box renews; check that its clock is right and its disk takes files',
    zh: '把新证书放到 `listen.tls` 所写的位置：本机一小时内读取。自签证书由本机续期：检查时钟是否准确、磁盘能否写入',
  },
  'tls-authority-ends': {
    en: 'the authority that panels trust for this box ends at {at}',
    zh: '各终端所信任的本机证书机构将于 {at} 到期',
  },
  'tls-authority-ends-todo': {
    en: 'plan a round of the panels: `npx sitebox new-authority`, start the box anew, and have each panel trust the new one',
    zh: '安排逐台更新终端：运行 `npx sitebox new-authority`，重新启动本机，再让每台终端信任新证书',
  },
  'tls-authority-lost': {
    en: 'the key of the authority that panels trust cannot be opened: the certificate in use ends at {at} and cannot be renewed',
    zh: '终端所信任的根证书的密钥无法打开：当前证书到 {at} 为止，无法续期',
  },
  'tls-authority-lost-todo': {
    en: 'bring the key of the store back, or restore a backup; otherwise plan a round of the panels: `npx sitebox new-authority`, start the box anew, and have each panel trust the new one',
    zh: '找回存储密钥，或恢复备份；否则安排逐台更新终端：运行 `npx sitebox new-authority`，重新启动本机，再让每台终端信任新证书',
  },
  'tls-fault': {
    en: 'the certificate of the web server cannot be kept or read: {cause}',
    zh: '网页服务器的证书无法保存或读取：{cause}',
  },
  'tls-fault-todo': {
    en: 'until then the last one serves. Look at the disk, or at the files that `listen.tls` names',
    zh: '在此之前沿用上一份证书。检查磁盘，或 `listen.tls` 所写的文件',
  },
  'tls-at-start': {
    en: 'TLS: {url}\nFingerprint of what panels have to trust (SHA-256): {fingerprint}\nHow to trust it: {page}',
    zh: 'TLS：{url}\n终端需要信任的证书指纹（SHA-256）：{fingerprint}\n信任方法：{page}',
  },
  'tls-at-start-own': {
    en: 'TLS: {url}, by the certificate of the site (SHA-256 {fingerprint})',
    zh: 'TLS：{url}，使用本站点自己的证书（SHA-256 {fingerprint}）',
  },
  'trust-title': { en: 'This box speaks TLS', zh: '本机使用加密连接（TLS）' },
  'trust-lead': {
    en: 'Passwords and pictures travel encrypted. This screen has to trust the certificate of the box once.',
    zh: '密码和图片加密传输。这台终端需要先信任一次本机的证书。',
  },
  'trust-download': { en: 'Download the certificate', zh: '下载证书' },
  'trust-compare': {
    en: 'Before you trust it, compare this fingerprint with the one that the box printed at its console. If they differ, stop and call your technician.',
    zh: '信任之前，请把下面的指纹与本机控制台上显示的指纹逐字核对。不一致就停止，并通知技术人员。',
  },
  'trust-windows': {
    en: 'Windows: open the file, "Install certificate", local machine, "Trusted root certification authorities". Start the browser again.',
    zh: 'Windows：打开该文件，选“安装证书”“本地计算机”“受信任的根证书颁发机构”，然后重启浏览器。',
  },
  'trust-android': {
    en: 'Android: Settings, Security, Encryption and credentials, "Install a certificate", "CA certificate".',
    zh: 'Android：设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书。',
  },
  'trust-linux': {
    en: 'Chromium on Linux: Settings, Privacy and security, Security, Manage certificates, Authorities, Import; trust it for websites.',
    zh: 'Linux 上的 Chromium：设置 → 隐私和安全 → 安全 → 管理证书 → 授权机构 → 导入，勾选信任网站。',
  },
  'trust-then': { en: 'Then open', zh: '然后打开' },
  'trust-own': {
    en: 'The site has a certificate of its own: the technician knows which authority signed it.',
    zh: '本站点使用自己的证书：由哪家机构签发，请问技术人员。',
  },
});
