/** What readers, their serial lines and the photo program say themselves: why one cannot be heard, and what to do. */
import { area } from './area.ts';

export const adaptersReaders = area({
  'port-expected': {
    en: 'expected a device path such as /dev/serial/by-id/usb-…, or tcp://host:port',
    zh: '应为设备路径（例如 /dev/serial/by-id/usb-…）或 tcp://主机:端口',
  },
  'port-lost': {
    en: '{address} was lost: unplugged, switched off, or its cable is loose',
    zh: '{address} 断开了：被拔下、断电，或接线松动',
  },
  'port-no-device': {
    en: '{path}: no such device: is the reader plugged in and switched on?',
    zh: '{path}：没有这个设备：读卡器插好、通电了吗？',
  },
  'port-denied': {
    en: '{path}: permission denied; the device belongs to group {group}: add the user {user} to it (usermod -aG {group} {user}) and start sitebox again',
    zh: '{path}：没有权限；设备属于 {group} 组：请把用户 {user} 加进去（usermod -aG {group} {user}），再重启 sitebox',
  },
  'port-hidden': {
    en: '{path}: permission denied; let the user {user} into its folder and start sitebox again',
    zh: '{path}：没有权限；请让用户 {user} 能进入它的目录，再重启 sitebox',
  },
  'port-in-use': {
    en: '{path} is in use by another program: end that one, or name another device',
    zh: '{path} 正被别的程序占用：请结束那个程序，或换一个设备',
  },
  'port-not-serial': {
    en: '{path} is not a serial port: name the device of the reader, such as /dev/serial/by-id/usb-…',
    zh: '{path} 不是串口：请写读卡器的设备，例如 /dev/serial/by-id/usb-…',
  },
  'port-not-opened': {
    en: '{path} cannot be opened ({cause}): name the device of the reader, such as /dev/serial/by-id/usb-…',
    zh: '{path} 打不开（{cause}）：请写读卡器的设备，例如 /dev/serial/by-id/usb-…',
  },
  'port-no-answer': {
    en: '{address} does not answer within {seconds} s: check cable and power of the converter',
    zh: '{address} 在 {seconds} 秒内没有应答：请检查串口服务器的网线和电源',
  },
  'port-not-reached': {
    en: '{address} cannot be reached ({cause}): check address and network',
    zh: '连不上 {address}（{cause}）：请检查地址和网络',
  },

  'sdt-echo': {
    en: '{address} sends back what it is sent: the port is looped, or an adapter echoes; no reader can be heard behind it',
    zh: '{address} 把发去的内容原样送回：端口被短接，或转接头有回显；无法与后面的读卡器通信',
  },
  'sdt-unrequested': {
    en: '{address}: it sends answers that were not requested: are two readers on one port, or does another program use this reader?',
    zh: '{address}：收到没有请求过的应答：是否一个端口接了两台读卡器，或有别的程序在用这台读卡器？',
  },
  'sdt-silent': {
    en: 'the reader at {address} does not answer: nothing came within {ms} ms, {times} times in a row; check its power, its cable and `baud`',
    zh: '{address} 的读卡器没有应答：连续 {times} 次在 {ms} 毫秒内没有收到数据；请检查电源、接线和 `baud`',
  },
  'sdt-out-of-order': {
    en: 'the reader at {address} is out of order: {status}; switch it off and on, and have it repaired if it says so again',
    zh: '{address} 的读卡器故障：{status}；请断电重开，仍然如此就送修',
  },
  'sdt-not-understood': {
    en: 'the reader at {address} does not understand `{command}`: {status}; check that it is an SDT reader, and `baud`',
    zh: '{address} 的读卡器不认识 `{command}`：{status}；请确认是 SDT 读卡器，并检查 `baud`',
  },
  'sdt-disturbed': {
    en: 'the line to the reader at {address} is disturbed: {answers} answers in a row were damaged; check the cable and what runs beside it',
    zh: '到 {address} 读卡器的线路受干扰：连续 {answers} 个应答损坏；请检查接线和旁边的线缆',
  },
  'sdt-stranger': {
    en: 'what answers at {address} is not an identity-card reader: bytes came, but no frame of one; check `port` and `baud`',
    zh: '{address} 应答的不是身份证读卡器：有数据，但格式不对；请检查 `port` 和 `baud`',
  },
  'sdt-says': { en: 'the reader says: {status}', zh: '读卡器报告：{status}' },
  'sdt-done': { en: 'the command is carried out (SW3 90)', zh: '命令已执行（SW3 90）' },
  'sdt-card-found': { en: 'card found (SW3 9F)', zh: '找到证件（SW3 9F）' },
  'sdt-wrong-checksum': {
    en: 'the checksum of the request is wrong (SW3 10)',
    zh: '请求的校验和错误（SW3 10）',
  },
  'sdt-wrong-length': { en: 'the length of the request is wrong (SW3 11)', zh: '请求的长度错误（SW3 11）' },
  'sdt-wrong-command': { en: 'the command is wrong (SW3 21)', zh: '命令错误（SW3 21）' },
  'sdt-unknown-command': { en: 'the command is not known (SW3 24)', zh: '没有这个命令（SW3 24）' },
  'sdt-card-rejects-reader': { en: 'the card rejects the reader (SW3 31)', zh: '证件不认可读卡器（SW3 31）' },
  'sdt-reader-rejects-card': { en: 'the reader rejects the card (SW3 32)', zh: '读卡器不认可证件（SW3 32）' },
  'sdt-card-not-verified': { en: 'the card failed the verification (SW3 33)', zh: '证件验证未通过（SW3 33）' },
  'sdt-wrong-kind': { en: 'the card is of a wrong kind (SW3 40)', zh: '证件类型不对（SW3 40）' },
  'sdt-reading-failed': { en: 'reading failed (SW3 41)', zh: '读取失败（SW3 41）' },
  'sdt-no-random-number': { en: 'no random number (SW3 47)', zh: '取不到随机数（SW3 47）' },
  'sdt-self-test-failed': { en: 'the self-test failed (SW3 60)', zh: '自检未通过（SW3 60）' },
  'sdt-not-authorised': { en: 'the reader is not authorised (SW3 66)', zh: '读卡器未授权（SW3 66）' },
  'sdt-no-card': { en: 'no card (SW3 80)', zh: '没有证件（SW3 80）' },
  'sdt-selecting-failed': { en: 'selecting failed (SW3 81)', zh: '选卡失败（SW3 81）' },
  'sdt-no-such-item': { en: 'the card has no such item (SW3 91)', zh: '证件里没有这一项（SW3 91）' },
  'sdt-unknown-status': { en: 'unknown status (SW3 {status})', zh: '不明状态（SW3 {status}）' },

  'photo-program-expected': {
    en: 'expected the absolute path of a program first, then its arguments',
    zh: '应先写程序的绝对路径，再写参数',
  },
  'photo-no-picture': { en: 'the photo decoder wrote no picture', zh: '照片解码程序没有写出图片' },
  'photo-no-format': {
    en: 'the photo decoder wrote something that is no PNG, JPEG or BMP file',
    zh: '照片解码程序写出的不是 PNG、JPEG 或 BMP 文件',
  },
  'photo-not-there': {
    en: 'the photo decoder {path} is not there: check `command`',
    zh: '没有照片解码程序 {path}：请检查 `command`',
  },
  'photo-not-runnable': {
    en: 'the photo decoder {path} is no program this user may run: check its type and rights',
    zh: '当前用户运行不了照片解码程序 {path}：请检查文件类型和权限',
  },
  'photo-too-slow': {
    en: 'the photo decoder did not finish within {ms} ms: it was ended',
    zh: '照片解码程序在 {ms} 毫秒内没有完成：已结束它',
  },
  'photo-too-much': {
    en: 'the photo decoder wrote more than 1 MiB: it was ended',
    zh: '照片解码程序写出超过 1 MiB：已结束它',
  },
  'photo-no-unshare': {
    en: 'unshare is not installed (util-linux), so the photo decoder cannot be kept off the network: install it',
    zh: '没有安装 unshare（util-linux），照片解码程序无法断网运行：请安装',
  },
  'photo-not-started': {
    en: 'the photo decoder cannot be started ({code}): check that it is a program for this computer',
    zh: '照片解码程序启动不了（{code}）：请确认它是这台计算机的程序',
  },
  'photo-not-cut-off': {
    en: 'the photo decoder cannot be kept off the network ({cause}): allow the service namespaces (RestrictNamespaces=user net in its unit), or set `offline: false` if the program may reach the network',
    zh: '照片解码程序无法断网运行（{cause}）：请允许服务使用命名空间（在服务的 unit 文件里写 RestrictNamespaces=user net），或在允许它上网时设 `offline: false`',
  },
  'photo-ended': { en: 'the photo decoder ended with code {code}', zh: '照片解码程序退出，代码 {code}' },
  'photo-killed': { en: 'the photo decoder ended by {signal}', zh: '照片解码程序被 {signal} 结束' },
});
