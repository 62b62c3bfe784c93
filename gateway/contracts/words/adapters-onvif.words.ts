/** What is said of cameras that are asked by ONVIF: why one gives no description, no picture, no events. */
import { area } from './area.ts';

export const adaptersOnvif = area({
  'onvif-nothing-listens': {
    en: 'nothing listens at {host}, port {port}: check the address; ONVIF may be off in the camera, or on another port (80, 8000, 8080, 8899), given as ADDRESS:PORT',
    zh: '{host} 的 {port} 端口没有程序在监听：请检查地址；摄像机可能没有开启 ONVIF，或用别的端口（80、8000、8080、8899），写成“地址:端口”',
  },
  'onvif-no-answer': {
    en: '{host}, port {port}, gives no whole answer within {seconds} s: check cable, power and address',
    zh: '{host} 的 {port} 端口在 {seconds} 秒内没有完整应答：请检查网线、电源和地址',
  },
  'onvif-no-way': {
    en: 'no way to {host}, port {port}: check cable, switch and address',
    zh: '到不了 {host} 的 {port} 端口：请检查网线、交换机和地址',
  },
  'onvif-name-unknown': {
    en: 'the name {host} (port {port}) is not known: check it, or give a number',
    zh: '查不到主机名 {host}（端口 {port}）：请检查，或直接写 IP 地址',
  },
  'onvif-half-answer': {
    en: '{host}, port {port}, broke off in the middle of its answer: start the camera again, and update its firmware if it happens again',
    zh: '{host} 的 {port} 端口应答到一半就断了：请重启摄像机；再次出现时请升级固件',
  },
  'onvif-too-large': {
    en: '{host}, port {port}, answers with more than {most} KiB, which is not read: it is no camera, or is damaged',
    zh: '{host} 的 {port} 端口应答超过 {most} KiB，不予读取：不是摄像机，或已损坏',
  },
  'onvif-redirects': {
    en: '{host}, port {port}, sends us elsewhere (status {status}), which is not followed: it may want HTTPS alone; allow HTTP for ONVIF in the camera',
    zh: '{host} 的 {port} 端口要求转到别处（状态 {status}），本机不跟随：可能只允许 HTTPS；请在摄像机里允许 ONVIF 使用 HTTP',
  },
  'onvif-not-onvif': {
    en: '{host}, port {port}, answers, but not in ONVIF{fault}: turn ONVIF on in the camera (Hikvision has it off at first), or give its port as ADDRESS:PORT; a camera without ONVIF works too, with the RTSP address of its manual as `url`',
    zh: '{host} 的 {port} 端口有应答，但不是 ONVIF{fault}：请在摄像机里开启 ONVIF（海康威视默认关闭），或写明端口“地址:端口”；没有 ONVIF 的摄像机也能用，把说明书里的 RTSP 地址写进 `url`',
  },
  'onvif-only-rtsp': {
    en: '{host} has no ONVIF at port {port}, but RTSP at port 554: turn ONVIF on in the camera, or write the RTSP address of its manual as `url`',
    zh: '{host} 的 {port} 端口没有 ONVIF，但 554 端口有 RTSP：请在摄像机里开启 ONVIF，或把说明书里的 RTSP 地址写进 `url`',
  },
  'onvif-no-services': {
    en: '{host}, port {port}, does not say which ONVIF services it has{fault}: update its firmware',
    zh: '{host} 的 {port} 端口没有说明有哪些 ONVIF 服务{fault}：请升级固件',
  },
  'onvif-no-identity': {
    en: '{host}, port {port}, does not say what it is{fault}: update its firmware',
    zh: '{host} 的 {port} 端口没有给出设备信息{fault}：请升级固件',
  },
  'onvif-no-streams': {
    en: '{host}, port {port}, names no video stream{fault}: the user may lack the right to see video; otherwise write the RTSP address of its manual as `url`',
    zh: '{host} 的 {port} 端口没有给出视频流{fault}：该用户可能没有看视频的权限；否则把说明书里的 RTSP 地址写进 `url`',
  },
  'onvif-login-needed': {
    en: '{host}, port {port}, asks for a login: give --user and --password-file',
    zh: '{host} 的 {port} 端口要求登录：请给出 --user 和 --password-file',
  },
  'onvif-login-refused': {
    en: '{host}, port {port}, refuses user or password; it was tried once and is not tried again. Hikvision wants a user of its own for ONVIF, made in the camera beside the switch for it',
    zh: '{host} 的 {port} 端口不接受用户名或密码；只试一次，不再重试。海康威视需要单独的 ONVIF 用户，在开启 ONVIF 的页面里添加',
  },
  'onvif-locked': {
    en: '{host}, port {port}, has locked the account after too many wrong logins: correct the password everywhere it is used, then wait (5 to 30 minutes with most makers) or start the camera again',
    zh: '{host} 的 {port} 端口因多次登录错误锁定了账号：先改正所有用到该密码的地方，再等待（多数厂家 5 至 30 分钟）或重启摄像机',
  },
  'onvif-other-login': {
    en: '{host}, port {port}, asks for a way of logging in other than WS-Security and Digest: allow one of them in the camera',
    zh: '{host} 的 {port} 端口要求的登录方式不是 WS-Security 或 Digest：请在摄像机里允许其中一种',
  },
  'onvif-no-events': {
    en: '{host}, port {port}, has no ONVIF event service: update its firmware, or take `onvif` out of the configuration',
    zh: '{host} 的 {port} 端口没有 ONVIF 事件服务：请升级固件，或从配置里去掉 `onvif`',
  },
  'onvif-no-subscription': {
    en: '{host}, port {port}, takes no subscription to its events{fault}: many cameras have room for one or a few; end those of other programs, or start the camera again',
    zh: '{host} 的 {port} 端口不接受事件订阅{fault}：许多摄像机只允许一个或几个订阅；请关闭其他程序的订阅，或重启摄像机',
  },
  'onvif-events-ended': {
    en: '{host}, port {port}, has ended the subscription to its events',
    zh: '{host} 的 {port} 端口结束了事件订阅',
  },
  'onvif-host-missing': {
    en: 'expected `host`, since this camera has no `url`',
    zh: '这台摄像机没有 `url`，应写 `host`',
  },
  'cameras-no-interface': {
    en: 'no network interface {name} with an IPv4 address; there are {known}',
    zh: '没有带 IPv4 地址的网络接口 {name}；现有 {known}',
  },
  'cameras-subnet-form': {
    en: 'expected a network such as 192.168.1.0/24, of /{most} or smaller',
    zh: '应为网段，例如 192.168.1.0/24，最大 /{most}',
  },
});
