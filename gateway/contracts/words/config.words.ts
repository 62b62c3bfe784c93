/** What is wrong with a configuration, and the hint beside it. */
import { area } from './area.ts';

export const config = area({
  'config-tab': { en: 'a tab is used for indentation', zh: '用了制表符缩进' },
  'config-tab-hint': { en: 'YAML is indented with spaces only', zh: 'YAML 只用空格缩进' },
  'config-key-twice': { en: 'this key appears twice in the same block', zh: '同一段里这个键写了两次' },
  'config-key-twice-hint': { en: 'keep one of the two', zh: '请留下一个' },
  'config-no-yaml': { en: 'not valid YAML: {cause}', zh: '不是有效的 YAML：{cause}' },
  'config-did-you-mean': { en: 'did you mean `{near}`?', zh: '是不是 `{near}`？' },
  'config-known-keys': { en: 'known keys: {keys}', zh: '可用的键：{keys}' },
  'config-unknown-key': { en: 'unknown key', zh: '没有这个键' },
  'config-renamed': { en: '`{key}` is called `{renamed}` since 0.2.0', zh: '`{key}` 自 0.2.0 起改名为 `{renamed}`' },
  'config-known-kinds': { en: 'known kinds: {kinds}', zh: '可用的种类：{kinds}' },
  'config-unknown-kind': { en: 'unknown kind', zh: '没有这个种类' },
  'config-id': {
    en: 'expected 1 to 32 of a-z, 0-9 and -, starting with a letter or digit',
    zh: '应为 1 至 32 个 a-z、0-9 或 -，以字母或数字开头',
  },
  'config-tls-pair': {
    en: 'no certificate with its key: {certificate}, {key} ({cause})',
    zh: '不是配对的证书和私钥：{certificate}、{key}（{cause}）',
  },
  'config-host': { en: 'expected a name or an address, without port or path', zh: '应为主机名或地址，不带端口和路径' },
  'config-sign': {
    en: 'expected the text of the sign that tells visitors about the comparison',
    zh: '应填写告知游客人脸比对的告示文字',
  },
  'config-time-zone': {
    en: 'expected a time zone name such as Asia/Shanghai',
    zh: '应为时区名称，例如 Asia/Shanghai',
  },
  'config-unreadable': { en: 'cannot be read ({code})', zh: '读不了（{code}）' },
  'config-check-path': {
    en: 'check the path; sitebox.example.yaml is a start',
    zh: '检查路径；可从 sitebox.example.yaml 改起',
  },
  'config-lane-or-crew': { en: 'a box needs a lane or a crew', zh: '至少要有一条通道，或 `crew`' },
  'config-see-example': { en: 'see sitebox.example.yaml', zh: '见 sitebox.example.yaml' },
  'config-id-taken': { en: 'the id `{id}` is already used by {part}', zh: '编号 `{id}` 已被 {part} 使用' },
  'config-ids-differ': { en: 'every id of this block must differ', zh: '同一段里的编号不得重复' },
  'config-known-cameras': { en: 'known cameras: {ids}', zh: '已有的摄像机：{ids}' },
  'config-known-readers': { en: 'known readers: {ids}', zh: '已有的读卡器：{ids}' },
  'config-no-camera': { en: 'no camera has the id `{id}`', zh: '没有编号为 `{id}` 的摄像机' },
  'config-no-reader': { en: 'no reader has the id `{id}`', zh: '没有编号为 `{id}` 的读卡器' },
  'config-camera-taken': {
    en: 'camera `{id}` already belongs to lane `{lane}`',
    zh: '摄像机 `{id}` 已属于通道 `{lane}`',
  },
  'config-camera-shared': {
    en: 'several road lanes may look at one camera, each at its part of the picture: write `regions` in each of them, and in it `{id}` with the corners',
    zh: '几条道路通道可以共用一台摄像机，各看画面的一部分：请在每条通道里写 `regions`，其中写 `{id}` 和顶点',
  },
  'config-region-camera': {
    en: 'this lane has no camera `{id}`',
    zh: '这条通道没有摄像机 `{id}`',
  },
  'config-pushing-shared': {
    en: 'camera `{id}` reads plates by itself and does not say in which part of its picture: it belongs to one lane',
    zh: '摄像机 `{id}` 自带识别，不说明号牌在画面的哪一部分：只能属于一条通道',
  },
  'config-reader-taken': {
    en: 'reader `{id}` already belongs to lane `{lane}`',
    zh: '读卡器 `{id}` 已属于通道 `{lane}`',
  },
  'config-camera-unused': { en: 'no lane uses camera `{id}`', zh: '没有通道使用摄像机 `{id}`' },
  'config-reader-unused': { en: 'no lane uses reader `{id}`', zh: '没有通道使用读卡器 `{id}`' },
  'config-pushing-camera': {
    en: 'camera `{id}` reads plates by itself and shows no frames: a gate lane needs a camera that does',
    zh: '摄像机 `{id}` 自带识别，不提供画面：验证通道要用提供画面的摄像机',
  },
  'config-pushing-camera-hint': {
    en: 'expected kind: rtsp, jpeg or folder; or leave `camera` out',
    zh: 'kind 应为 rtsp、jpeg 或 folder；或去掉 `camera`',
  },
  'config-env-unset': { en: 'environment variable {name} is not set', zh: '没有设置环境变量 {name}' },
  'config-env-unset-hint': { en: 'set it where sitebox is started', zh: '请在启动 sitebox 的地方设置' },
  'config-secret-form': { en: 'expected a reference to a secret', zh: '应写密钥的引用' },
  'config-secret-form-hint': {
    en: 'write file:PATH or env:NAME, never the secret itself',
    zh: '请写 file:路径 或 env:变量名，不要写密钥本身',
  },
  'config-secret-empty': { en: 'secret file {file} is empty', zh: '密钥文件 {file} 是空的' },
  'config-secret-empty-hint': { en: 'put the secret on its first line', zh: '请把密钥写在第一行' },
  'config-secret-unreadable': {
    en: 'secret file {file} cannot be read ({code})',
    zh: '读不了密钥文件 {file}（{code}）',
  },
  'config-secret-create': { en: 'create it with mode 0600', zh: '请建立该文件，权限 0600' },
  'config-secret-rights': { en: 'let the user that runs sitebox read it', zh: '请让运行 sitebox 的用户能读它' },
  'config-line': { en: '{where}{path} {problem}{hint}', zh: '{where}{path} {problem}{hint}' },
  'config-hint': { en: ' ({hint})', zh: '（{hint}）' },
});
