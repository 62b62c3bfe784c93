/** What `sitebox cameras` says and asks. */
import { area } from './area.ts';

export const cliCameras = area({
  'help-cameras': { en: 'find cameras, and say what one is', zh: '查找摄像机，说明某台是什么' },
  'help-cameras-find': {
    en: 'ask the networks of this machine which cameras are there (ONVIF); 10 s at most, exit 1 if none answers',
    zh: '在本机所在网络中查找摄像机（ONVIF）；最多 10 秒，没有应答时退出码为 1',
  },
  'help-cameras-interface': {
    en: 'ask on this network interface alone; may be given several times',
    zh: '只在这个网络接口上查找；可写多次',
  },
  'help-cameras-subnet': {
    en: 'also try the addresses of a network one by one, for cameras that do not answer: 192.168.1.0/24, of /22 or smaller',
    zh: '并逐个试网段里的地址，用于没有应答的摄像机：192.168.1.0/24，最大 /22',
  },
  'help-cameras-json': { en: 'print JSON', zh: '输出 JSON' },
  'help-cameras-probe': {
    en: 'say what one camera is, which stream the box should take, and what to write in the configuration',
    zh: '说明一台摄像机是什么、本机该取哪路视频、配置里该写什么',
  },
  'help-cameras-address': {
    en: 'its address, or ADDRESS:PORT where ONVIF is not at port 80',
    zh: '地址；ONVIF 不在 80 端口时写“地址:端口”',
  },
  'help-cameras-user': { en: 'user of the camera for ONVIF and video', zh: '摄像机上用于 ONVIF 和视频的用户名' },
  'help-cameras-password-file': {
    en: 'file with the password; if there is none, the password is asked for and, once the camera has taken it, written there for this user alone (mode 0600)',
    zh: '存放密码的文件；没有该文件时会询问密码，摄像机接受后写入，仅本用户可读（权限 0600）',
  },
  'help-cameras-picture': {
    en: 'write a picture of the stream to FILE, and read its plates',
    zh: '把一张画面写入 FILE，并识别其中的号牌',
  },
  'help-cameras-keep': {
    en: 'keep maker, model, serial number, address and MAC as the card of this camera of the configuration; needs --config and --by',
    zh: '把厂家、型号、序列号、地址和 MAC 存为配置里这台摄像机的设备卡；需要 --config 和 --by',
  },
  'help-cameras-card': {
    en: 'print what a camera of the configuration is, for the report when it is stolen',
    zh: '输出配置里一台摄像机的设备卡，被盗时用于报案',
  },
  'help-cameras-id': { en: 'id of a camera of the configuration', zh: '配置里摄像机的 id' },
  'cameras-keep-needs': {
    en: 'error: --keep needs --config and --by, and they need --keep',
    zh: '错误：--keep 要和 --config、--by 一起写',
  },
  'cameras-not-configured': {
    en: 'the configuration has no camera {id}; it has {ids}',
    zh: '配置里没有摄像机 {id}；现有 {ids}',
  },
  'cameras-no-card': {
    en: 'camera {id} has no card yet: npx sitebox cameras probe ADDRESS --keep {id}, or write `onvif: true` to it, and the box keeps the card itself',
    zh: '摄像机 {id} 还没有设备卡：请执行 npx sitebox cameras probe 地址 --keep {id}，或在配置里写 `onvif: true`，由主机自己保存',
  },
  'cameras-card-is-kept': { en: 'the card of camera {id} is kept', zh: '摄像机 {id} 的设备卡已保存' },
  'cameras-card-other': {
    en: 'the card of camera {id} is kept; it is another device than before, whose serial number was {before}',
    zh: '摄像机 {id} 的设备卡已保存；与之前不是同一台，之前的序列号是 {before}',
  },
  'cameras-card': { en: 'Camera {id}', zh: '摄像机 {id}' },
  'cameras-card-maker': { en: 'Maker, model', zh: '厂家、型号' },
  'cameras-card-serial': { en: 'Serial number', zh: '序列号' },
  'cameras-card-mac': { en: 'MAC address', zh: 'MAC 地址' },
  'cameras-card-address': { en: 'Address', zh: '地址' },
  'cameras-card-firmware': { en: 'Firmware', zh: '固件' },
  'cameras-card-kept': { en: 'Kept', zh: '保存' },
  'cameras-card-by': { en: '{when}, by {who}', zh: '{when}，{who}' },

  'cameras-at-port': {
    en: '{address}  {name}  {mac}  ONVIF at port {port}',
    zh: '{address}  {name}  {mac}  ONVIF 端口 {port}',
  },
  'cameras-ports': {
    en: '{address}  {mac}  no ONVIF answer; open ports: {ports}',
    zh: '{address}  {mac}  没有 ONVIF 应答；开放端口：{ports}',
  },
  'cameras-next': {
    en: 'What one is, and what to write: npx sitebox cameras probe ADDRESS --user USER --password-file FILE',
    zh: '查看某台摄像机及该写的配置：npx sitebox cameras probe 地址 --user 用户 --password-file 文件',
  },
  'cameras-none': {
    en: 'no camera answers: ONVIF may be off in it (Hikvision has it off at first), a firewall may drop the answer, or it is in another network: try --subnet 192.168.1.0/24, or probe the address on its label',
    zh: '没有摄像机应答：摄像机可能没有开启 ONVIF（海康威视默认关闭），防火墙可能丢弃了应答，或摄像机在别的网段：请试 --subnet 192.168.1.0/24，或直接 probe 标签上的地址',
  },

  'cameras-user-and-password': {
    en: 'error: --user and --password-file belong together',
    zh: '错误：--user 和 --password-file 要一起写',
  },
  'cameras-address-form': {
    en: 'expected ADDRESS or ADDRESS:PORT, such as 192.168.1.64 or 192.168.1.64:8000',
    zh: '应为“地址”或“地址:端口”，例如 192.168.1.64 或 192.168.1.64:8000',
  },
  'cameras-ask-password': { en: 'Password of {user} in the camera:', zh: '摄像机用户 {user} 的密码：' },
  'cameras-password-empty': { en: 'the password is empty', zh: '密码是空的' },
  'cameras-password-written': { en: 'password written to {file} (mode 0600)', zh: '密码已写入 {file}（权限 0600）' },
  'cameras-password-open': {
    en: '{file} can be read by other users of this machine: chmod 600 {file}',
    zh: '本机其他用户可以读取 {file}：请执行 chmod 600 {file}',
  },
  'cameras-identity': {
    en: '{maker} {model}, firmware {firmware}, serial number {serial}, address {address}, MAC {mac}',
    zh: '{maker} {model}，固件 {firmware}，序列号 {serial}，地址 {address}，MAC {mac}',
  },
  'cameras-clock-right': { en: 'its clock is right to {seconds} s', zh: '时钟误差 {seconds} 秒，正常' },
  'cameras-clock-off': {
    en: 'its clock is {seconds} s {way}: set its time zone and NTP server',
    zh: '时钟{way} {seconds} 秒：请设置时区和 NTP 服务器',
  },
  'cameras-ahead': { en: 'ahead', zh: '快' },
  'cameras-behind': { en: 'behind', zh: '慢' },
  'cameras-stream': {
    en: 'stream {name}: {codec}, {width} × {height}, {fps} pictures a second, key frames {interval} s apart, {rate} kbit/s',
    zh: '视频 {name}：{codec}，{width} × {height}，每秒 {fps} 帧，关键帧间隔 {interval} 秒，{rate} kbit/s',
  },
  'cameras-take': { en: 'take stream {name}: {why}', zh: '取视频 {name}：{why}' },
  'cameras-take-none': {
    en: 'none of its streams has an RTSP address: write the one of its manual as `url`',
    zh: '没有一路视频给出 RTSP 地址：请把说明书里的地址写进 `url`',
  },
  'cameras-why-smallest': {
    en: 'the smallest with the 1280 pixels of width that the box reads',
    zh: '满足本机所需 1280 像素宽度的最小一路',
  },
  'cameras-why-widest': {
    en: 'none has the 1280 pixels of width that the box reads; this is the widest. Set it to 1280 × 720 or more',
    zh: '没有一路达到本机所需的 1280 像素宽度；这是最宽的一路。请设为 1280 × 720 或更大',
  },
  'cameras-why-only': { en: 'it is the only one', zh: '只有这一路' },
  'cameras-set-h264': {
    en: 'it is {codec}, which the page cannot show: set H.264',
    zh: '编码是 {codec}，页面显示不了：请设为 H.264',
  },
  'cameras-set-key-frames': {
    en: 'its key frames are {seconds} s apart: set 1 s (I-frame interval, GOP, of {pictures} pictures)',
    zh: '关键帧间隔 {seconds} 秒：请设为 1 秒（I 帧间隔、GOP 设为 {pictures} 帧）',
  },
  'cameras-set-fps': {
    en: 'it shows {fps} pictures a second: set 15 to 25, or a quick vehicle is seen too rarely',
    zh: '每秒只有 {fps} 帧：请设为 15 至 25，否则快车拍到的次数太少',
  },
  'cameras-picture': { en: 'picture: {file}', zh: '画面：{file}' },
  'cameras-no-picture': { en: 'no picture: {why}', zh: '没有取到画面：{why}' },
  'cameras-no-plate': {
    en: 'no plate was read in it: look at it, and try again when a vehicle stands there',
    zh: '画面里没有识别出号牌：请查看画面，等有车辆时再试',
  },
  'cameras-plate': {
    en: '{plate}  {probability}  {wide} pixels wide in the picture that the box reads',
    zh: '{plate}  {probability}  在本机读取的画面里宽 {wide} 像素',
  },
  'cameras-plate-narrow': {
    en: '{plate}  {probability}  {wide} pixels wide in the picture that the box reads: 120 are wanted; zoom in, or bring the camera nearer',
    zh: '{plate}  {probability}  在本机读取的画面里宽 {wide} 像素：应有 120；请拉近镜头或靠近安装',
  },
  'cameras-yaml': { en: 'For `cameras` of the configuration:', zh: '写入配置的 `cameras`：' },
});
