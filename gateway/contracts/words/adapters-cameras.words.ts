/** What cameras say themselves: why one gives no picture, and what is wrong with its keys. */
import { area } from './area.ts';

export const adaptersCameras = area({
  'address-with-login': {
    en: 'the address holds a user or password: put them in `user` and `password` (a file: or env: reference); an @ of the path is written %40',
    zh: '地址里带有用户名或密码：请写进 `user` 和 `password`（用 file: 或 env: 引用）；路径里的 @ 写成 %40',
  },
  'address-expected': { en: 'expected an address such as {example}', zh: '应为地址，例如 {example}' },
  'address-protocol': {
    en: 'expected an address such as {example}, not {protocol}//',
    zh: '应为地址，例如 {example}，不能用 {protocol}//',
  },
  'address-characters': {
    en: 'expected an address such as {example}, without spaces, quotes or backslashes',
    zh: '应为地址，例如 {example}，不带空格、引号和反斜杠',
  },
  'login-user-colon': { en: 'expected a name without a colon', zh: '用户名不能带冒号' },
  'login-user-missing': { en: 'expected a user, since there is a password', zh: '有密码，还缺用户名' },
  'login-password-missing': { en: 'expected a password, since there is a user', zh: '有用户名，还缺密码' },
  'pixels-even': { en: 'expected an even number of pixels', zh: '像素数应为偶数' },
  'allow-expected': {
    en: 'expected an address such as 192.168.1.20, or a network such as 192.168.1.16/28',
    zh: '应为地址（例如 192.168.1.20）或网段（例如 192.168.1.16/28）',
  },

  'camera-refuses-login': {
    en: 'the camera refuses user or password (401): check `user` and `password`',
    zh: '摄像机不接受用户名或密码（401）：请检查 `user` 和 `password`',
  },
  'camera-forbids-stream': {
    en: 'the camera forbids this stream to this user (403): check the rights of `user` in the camera',
    zh: '摄像机不允许该用户取这路视频（403）：请在摄像机里检查 `user` 的权限',
  },
  'camera-no-stream': {
    en: 'the camera has no stream at this path (404): check the path of `url` in the manual of the camera',
    zh: '摄像机的这个路径没有视频（404）：请按摄像机说明书检查 `url` 的路径',
  },
  'camera-locked': {
    en: 'the camera has locked this account (423): unlock it there, or wait, and check `password`',
    zh: '摄像机已锁定该账号（423）：请在摄像机里解锁或等待，并检查 `password`',
  },
  'camera-rtsp-login': {
    en: 'the camera asks for a way of logging in to RTSP that the box does not know: set RTSP authentication to Digest (MD5 or SHA-256) in the camera',
    zh: '摄像机要求的 RTSP 登录方式本机不支持：请在摄像机里把 RTSP 认证设为 Digest（MD5 或 SHA-256）',
  },
  'camera-no-room': {
    en: 'the camera has no connection left: close other viewers, or raise their number in the camera',
    zh: '摄像机的连接数已满：请关掉别的观看端，或在摄像机里调高连接数',
  },
  'camera-refuses-transport': {
    en: 'the camera refuses this transport (461): try the other value of `transport`, tcp or udp, or allow it in the camera',
    zh: '摄像机不接受这种传输方式（461）：请换用 `transport` 的另一个值（tcp 或 udp），或在摄像机里允许它',
  },
  'camera-rtsp-status': {
    en: 'the camera answers with error {status}: look at its own log',
    zh: '摄像机返回错误 {status}：请查看摄像机自己的日志',
  },
  'camera-refused-connection': {
    en: 'nothing listens at host and port of `url`: check the address and that RTSP is on',
    zh: '`url` 的主机和端口没有程序在监听：请检查地址，并确认已开启 RTSP',
  },
  'camera-no-way': {
    en: 'no way to the camera: check cable, switch and address',
    zh: '到不了摄像机：请检查网线、交换机和地址',
  },
  'camera-name-unknown': {
    en: 'the host name of `url` is not known: check it, or give a number',
    zh: '查不到 `url` 的主机名：请检查，或直接写 IP 地址',
  },
  'camera-no-answer': {
    en: 'the camera does not answer: check cable, power and address',
    zh: '摄像机没有应答：请检查网线、电源和地址',
  },
  'ffmpeg-too-old': {
    en: 'ffmpeg is too old, 5.1 or newer is needed: run ./setup',
    zh: 'ffmpeg 版本过旧，需要 5.1 或更新：请执行 ./setup',
  },
  'ffmpeg-missing': { en: 'ffmpeg is not installed: run ./setup', zh: '没有安装 ffmpeg：请执行 ./setup' },
  'ffmpeg-not-started': { en: 'ffmpeg cannot be started ({code})', zh: 'ffmpeg 启动不了（{code}）' },
  'camera-no-video': {
    en: 'the camera offers no video at this path: check `url`',
    zh: '摄像机的这个路径没有视频：请检查 `url`',
  },
  'camera-no-rtsp': {
    en: 'no RTSP camera answers there, or it closed the connection: check host and port of `url`',
    zh: '那里没有 RTSP 摄像机应答，或连接被它关闭：请检查 `url` 的主机和端口',
  },
  'camera-ended-stream': { en: 'the camera ended the stream', zh: '摄像机结束了视频' },
  'camera-closed-early': {
    en: 'the camera closed the connection before the first picture',
    zh: '还没有画面，摄像机就关闭了连接',
  },
  'camera-stalled-first': {
    en: 'no picture from the camera for {seconds} s: it has stalled',
    zh: '摄像机 {seconds} 秒没有画面：视频停住了',
  },
  'camera-stalled': {
    en: 'no further picture from the camera for {seconds} s: it has stalled',
    zh: '摄像机 {seconds} 秒没有新画面：视频停住了',
  },
  'camera-no-key-frame': {
    en: 'the camera has sent no key frame for {seconds} s: set its key frame interval (I-frame interval, GOP) to 1 s',
    zh: '摄像机 {seconds} 秒没有发送关键帧：请在摄像机里把关键帧间隔（I 帧间隔、GOP）设为 1 秒',
  },
  'camera-codec-unknown': {
    en: 'the camera sends video that the box does not decode: set H.264 or H.265 in the camera',
    zh: '摄像机的视频编码本机不能解码：请在摄像机里设为 H.264 或 H.265',
  },
  'camera-codec-changed': {
    en: 'the camera has changed the coding of its video: the stream is opened again',
    zh: '摄像机更换了视频编码：重新打开视频',
  },
  'camera-decoder-stalled': {
    en: 'the camera sends video, and no picture could be decoded for {seconds} s',
    zh: '摄像机有视频，但 {seconds} 秒没有解出画面',
  },
  'camera-decoder-ended': {
    en: 'the program that decodes the video has ended',
    zh: '解码视频的程序已退出',
  },
  'camera-full-set': {
    en: 'the configuration says `sleep: false`, so every picture is decoded',
    zh: '配置里写了 `sleep: false`，因此解码每一张图',
  },
  'camera-full-mjpeg': {
    en: 'MJPEG: each picture stands for itself, and those that are looked at are decoded',
    zh: 'MJPEG：每张图都独立，只解码要看的图',
  },
  'camera-full-keys': {
    en: 'key frames are {seconds} s apart, so every picture is decoded: set the key frame interval of the camera to 1 s',
    zh: '关键帧间隔为 {seconds} 秒，因此解码每一张图：请把摄像机的关键帧间隔设为 1 秒',
  },
  'camera-full-hidden': {
    en: 'the sizes of its pictures do not show that something moves, so every picture is decoded: set the bit rate of the camera to variable (VBR)',
    zh: '从图片大小看不出画面有变动，因此解码每一张图：请把摄像机的码率设为可变（VBR）',
  },

  'camera-no-http': {
    en: 'what answers there is no web server of a camera: check host and port of `url`',
    zh: '那里应答的不是摄像机的网页服务：请检查 `url` 的主机和端口',
  },
  'camera-status': { en: 'the camera answers with status {status}', zh: '摄像机返回状态 {status}' },
  'camera-forbids-picture': {
    en: 'the camera forbids the picture to this user (403): check the rights of `user` in the camera',
    zh: '摄像机不允许该用户取画面（403）：请在摄像机里检查 `user` 的权限',
  },
  'camera-no-picture': {
    en: 'the camera has no picture at this path (404): check the path of `url`',
    zh: '摄像机的这个路径没有画面（404）：请检查 `url` 的路径',
  },
  'camera-other-login': {
    en: 'the camera asks for a way of logging in other than Basic and Digest',
    zh: '摄像机要求的登录方式不是 Basic 或 Digest',
  },
  'camera-no-answer-within': {
    en: 'the camera does not answer within {seconds} s: check cable and power',
    zh: '摄像机 {seconds} 秒内没有应答：请检查网线和电源',
  },
  'camera-certificate': {
    en: 'the certificate of the camera is not trusted ({code}): put its issuer in NODE_EXTRA_CA_CERTS',
    zh: '摄像机的证书不受信任（{code}）：请把签发机构写进 NODE_EXTRA_CA_CERTS',
  },
  'camera-redirects': {
    en: 'the camera sends us elsewhere: give the final address as `url`',
    zh: '摄像机要求转到别的地址：请在 `url` 里写最终地址',
  },
  'camera-connection-broke': { en: 'the connection to the camera broke', zh: '到摄像机的连接断了' },
  'camera-connection-broke-code': {
    en: 'the connection to the camera broke ({code})',
    zh: '到摄像机的连接断了（{code}）',
  },
  'camera-in-a-row': { en: '{why} ({failures} times in a row)', zh: '{why}（连续 {failures} 次）' },
  'picture-too-large': { en: 'the picture is larger than {most} MiB', zh: '画面超过 {most} MiB' },
  'picture-empty': { en: 'the picture is empty (0 bytes)', zh: '画面是空的（0 字节）' },
  'picture-none': {
    en: 'not a picture: {what}; expected JPEG, PNG or WebP',
    zh: '不是图片：{what}；应为 JPEG、PNG 或 WebP',
  },
  'picture-web-page': { en: 'a web page (HTML)', zh: '网页（HTML）' },
  'picture-something-else': { en: '{bytes} bytes of something else', zh: '{bytes} 字节的其他内容' },
  'picture-no-size': { en: 'the {kind} is damaged: its size cannot be read', zh: '{kind} 已损坏：读不出尺寸' },
  'picture-too-many-pixels': {
    en: 'the picture has {width} × {height} pixels; at most {most} million are decoded',
    zh: '画面有 {width} × {height} 像素；最多解码 {most} 百万像素',
  },
  'picture-too-many-scans': {
    en: 'the JPEG has more than {most} scans, which take minutes to decode',
    zh: 'JPEG 的扫描超过 {most} 遍，解码要几分钟',
  },
  'picture-no-colours': { en: 'the {kind} does not have three colours', zh: '{kind} 不是三通道的彩色图' },
  'picture-too-slow': { en: 'the {kind} was not decoded within {seconds} s', zh: '{kind} 在 {seconds} 秒内没有解码完' },
  'picture-broken-off': {
    en: 'the {kind} is damaged or broken off after {bytes} bytes',
    zh: '{kind} 在 {bytes} 字节后损坏或中断',
  },

  'folder-unreadable': {
    en: 'folder {path} cannot be read ({code}): check `path`',
    zh: '目录 {path} 读不了（{code}）：请检查 `path`',
  },
  'folder-empty': { en: 'folder {path} holds no picture ({extensions})', zh: '目录 {path} 里没有图片（{extensions}）' },
  'folder-too-full': { en: 'folder {path} holds more than {most} pictures', zh: '目录 {path} 里的图片超过 {most} 张' },
  'folder-broken': {
    en: 'none of the {count} pictures of {path} can be decoded',
    zh: '{path} 的 {count} 张图片都解码不了',
  },
  'folder-ended': {
    en: 'all pictures of {path} were played (repeat is off)',
    zh: '{path} 的图片已全部播放（未开 repeat）',
  },

  'push-silent': {
    en: 'the camera has sent nothing for {seconds} s: check its power, its cable and where it pushes to',
    zh: '摄像机已有 {seconds} 秒没有推送：请检查电源、网线和推送地址',
  },
  'push-path-or-login': {
    en: 'expected a secret path, or user and password: otherwise anything at an allowed address could push reads',
    zh: '应写保密路径，或用户名和密码：否则允许地址上的任何设备都能推送识别结果',
  },
  'push-path-expected': {
    en: 'expected a path of / and 16 to 200 letters, digits or . _ ~ / - behind it',
    zh: '应为 / 加 16 至 200 个字母、数字或 . _ ~ / -',
  },
  'push-path-hint': { en: 'it must be impossible to guess', zh: '不得让人猜到' },
  'picture-no-file': { en: 'it is no file', zh: '不是文件' },
  'picture-file-too-large': {
    en: 'the file has {bytes} bytes; at most {most} are read',
    zh: '文件有 {bytes} 字节；最多读 {most} 字节',
  },
});
