/** What `sitebox device`, `order`, `sos` and `mode` say. */
import { area } from './area.ts';

export const cliCrew = area({
  'device-registered': {
    en: 'device {id} is registered: {kind}, {role}, {protocol}',
    zh: '装备 {id} 已登记：{kind}，{role}，{protocol}',
  },
  'device-no-crew': {
    en: '{config} has no `crew`: until it has, nothing listens to the device',
    zh: '{config} 里没有 `crew`：加上之前，没有程序接收这台装备',
  },
  'device-serial-one': { en: '--serial: of one device at a time', zh: '--serial：一次只能登记一台装备' },
  'device-serial-many': { en: '--serial: at most {most}', zh: '--serial：最多 {most} 个' },
  'device-serial-form': {
    en: '--serial: expected 1 to 64 of A-Z, a-z, 0-9, . _ and -',
    zh: '--serial：应为 1 至 64 个 A-Z、a-z、0-9、. _ 或 -',
  },
  'device-serial-dji': {
    en: '--serial: dji needs the serial numbers of the aircraft and of its remote control',
    zh: '--serial：dji 要写飞行器和遥控器的序列号',
  },
  'device-serial-jt808': {
    en: '--serial: jt808 needs the phone number of the terminal, in digits, and its terminal id if it has one',
    zh: '--serial：jt808 要写终端手机号（数字），有终端编号的再写编号',
  },
  'device-serial-mavlink': {
    en: '--serial: mavlink needs the system id, 1 to 255',
    zh: '--serial：mavlink 要写系统号，1 至 255',
  },
  'device-type-in': {
    en: 'Type this into the device; the password is not shown again:',
    zh: '请输入到装备里；密码不再显示：',
  },
  'device-type-in-dji': {
    en: 'Type this into DJI Pilot 2 (cloud service, open platform); the password is not shown again:',
    zh: '请输入到 DJI Pilot 2（云服务，开放平台）；密码不再显示：',
  },
  'device-server': { en: 'server', zh: '服务器' },
  'device-server-value': {
    en: 'the address of the broker in `crew.equipment` of the configuration',
    zh: '配置里 `crew.equipment` 的服务器地址',
  },
  'device-protocol': { en: 'protocol', zh: '协议' },
  'device-client-id': { en: 'client id', zh: '客户端标识' },
  'device-user': { en: 'user name', zh: '用户名' },
  'device-password': { en: 'password', zh: '密码' },
  'device-topics': { en: 'topics', zh: '主题' },
  'device-jt808-how': {
    en: 'The terminal with the phone number {phone} gets its authentication code from the box when it registers.',
    zh: '手机号为 {phone} 的终端注册时，由本机下发鉴权码。',
  },
  'device-mavlink-how': {
    en: 'Name the address of the system {system} under `allow` of the equipment; MAVLink knows no password.',
    zh: '请把系统 {system} 的地址写进装备接入的 `allow`；MAVLink 没有密码。',
  },
  'device-nmea-how': {
    en: 'Name it as `device: {id}` of the equipment that reads its receiver; NMEA 0183 knows no password.',
    zh: '请在读取该接收机的装备接入里写 `device: {id}`；NMEA 0183 没有密码。',
  },
  'device-row': { en: '{device}  added {at} by {by}{revoked}', zh: '{device}  登记于 {at}，{by}{revoked}' },
  'device-row-revoked': { en: '  REVOKED {at} by {by}', zh: '  已停用 {at}，{by}' },
  'device-revoked': { en: 'device {id} is revoked', zh: '装备 {id} 已停用' },
  'device-not-revoked': {
    en: 'REFUSED: device {id} is not registered, or was revoked already',
    zh: '拒绝：装备 {id} 没有登记，或已停用',
  },
  'device-never-registered': { en: 'REFUSED: device {id} was never registered', zh: '拒绝：装备 {id} 从未登记' },
  'device-no-faults': {
    en: 'nothing that it sent was refused or left out since it was registered',
    zh: '登记以来，它发来的内容没有被拒绝或舍弃过',
  },
  'device-fault-row': { en: '{at}  {times}  {what}', zh: '{at}  {times}  {what}' },
  'times-once': { en: 'once', zh: '1 次' },
  'times-many': { en: '{times} times', zh: '{times} 次' },
  'device-nowhere': { en: 'no position of the last hour is known', zh: '最近一小时没有任何位置' },
  'device-track-empty': { en: 'nothing is known of where {device} was', zh: '没有 {device} 的位置记录' },
  'device-where-row': { en: '{device}  {place}  {seconds} s ago', zh: '{device}  {place}  {seconds} 秒前' },
  'place-doubtful': { en: '{place} (not to be relied on)', zh: '{place}（不可靠）' },

  'order-given': { en: 'order {id} for {devices}', zh: '指令 {id}，发给 {devices}' },
  'order-left-out': { en: 'left out, last position too old: {devices}', zh: '位置过时，未选：{devices}' },
  'order-no-tracks': {
    en: 'REFUSED: this box keeps no tracks (`crew.keepTracksH` is 0): name the devices with --to',
    zh: '拒绝：本机不保存轨迹（`crew.keepTracksH` 为 0）：请用 --to 指定装备',
  },
  'order-to-whom': {
    en: 'Name devices with --to, or how many with --nearest.',
    zh: '请用 --to 指定装备，或用 --nearest 指定几台。',
  },
  'order-place-both': { en: 'A place needs both --lat and --lon.', zh: '地点要同时写 --lat 和 --lon。' },
  'order-place-name': {
    en: 'A place needs --lat and --lon; --place is its name.',
    zh: '地点要写 --lat 和 --lon；--place 只是它的名称。',
  },
  'order-role-nearest': { en: '--role goes with --nearest.', zh: '--role 要与 --nearest 同用。' },
  'order-nearest-place': {
    en: '--nearest needs a place: --lat and --lon.',
    zh: '--nearest 要有地点：--lat 和 --lon。',
  },
  'order-missing': { en: 'REFUSED: there is no order {id}', zh: '拒绝：没有指令 {id}' },
  'order-head': { en: '{id}  {at}  from {by} ({origin})', zh: '{id}  {at}  {by} 下达（{origin}）' },
  'order-at': { en: 'at {place}', zh: '地点 {place}' },
  'order-count': { en: '{n} {state}', zh: '{state} {n}' },
  'order-state-at': { en: '{state} {at}', zh: '{state} {at}' },

  'sos-row': {
    en: '{id}  {at}  {device} ({role}, {kind})  {where}',
    zh: '{id}  {at}  {device}（{role}，{kind}）  {where}',
  },
  'sos-again': { en: '  pressed {presses} times, last {at}', zh: '  按了 {presses} 次，最近 {at}' },
  'sos-withdrawn': { en: '  withdrawn {at}', zh: '  已撤销 {at}' },
  'sos-seen': { en: '  seen {at} by {by}{from}', zh: '  已签收 {at}，{by}{from}' },
  'sos-seen-from': { en: ' ({from})', zh: '（{from}）' },
  'sos-not-seen': { en: '  NOT SEEN', zh: '  未签收' },
  'sos-unread': { en: '  not all of it could be read ({what})', zh: '  有内容读不出（{what}）' },
  'sos-at': { en: 'at {place}', zh: '在 {place}' },
  'sos-nowhere': { en: 'no place known', zh: '位置未知' },
  'sos-doubtful': { en: '{best}, or (doubtful) at {place}', zh: '{best}，也可能（存疑）在 {place}' },
  'sos-place': { en: '{place} ({origin}, {age}{trust})', zh: '{place}（{origin}，{age}{trust}）' },
  'sos-age': { en: '{seconds} s ago', zh: '{seconds} 秒前' },
  'sos-age-unknown': { en: 'age not known: the clock was set back', zh: '时间不明：时钟曾被调回' },
  'sos-untrusted': { en: ', not trusted', zh: '，不可信' },
  'sos-origin-own': { en: 'own', zh: '本机定位' },
  'sos-origin-last-known': { en: 'last known', zh: '最后已知' },
  'sos-missing': { en: 'REFUSED: there is no call for help {id}', zh: '拒绝：没有求助 {id}' },

  'mode-hours-normal': { en: '--hours does not go with normal.', zh: 'normal 不能带 --hours。' },
  'mode-hours-missing': { en: 'Say for how long: --hours, with {mode}.', zh: '{mode} 要用 --hours 写明几小时。' },
  'mode-line': {
    en: '{mode}{since}{until}  by {by} ({origin}): {reason}',
    zh: '{mode}{since}{until}  {by}（{origin}）：{reason}',
  },
  'mode-since': { en: '  since {at}', zh: '  自 {at}' },
  'mode-until': { en: '  until {at}', zh: '  至 {at}' },
});
