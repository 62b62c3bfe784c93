/** The sentences of the code that threads share with the box: a thread that loads these alone starts sooner than with the whole catalogue. */
import { area } from './area.ts';

export const threads = area({
  'form-unexpected': { en: 'what was read is not in the form that was expected', zh: '读到的内容格式不对' },
  'plate-such-as': { en: 'a plate such as 皖A12345', zh: '皖A12345 这样的号牌' },
  'plate-without-i-o': {
    en: 'a plate without the letters I and O (the digits 1 and 0 are meant)',
    zh: '不含字母 I 和 O 的号牌（应是数字 1 和 0）',
  },
  'plate-province': {
    en: 'a plate that begins with the character of a province, such as 皖A12345',
    zh: '以省份简称开头的号牌，例如 皖A12345',
  },
  'plate-form': {
    en: 'a plate of 7 characters, or 8 for new energy, in a form that this box reads (this one has {length})',
    zh: '7 个字符（新能源 8 个）且格式为本机所识别的号牌（这个有 {length} 个字符）',
  },
  'picture-not-opened': { en: 'cannot be opened ({code})', zh: '打不开（{code}）' },
  'picture-no-file': { en: 'is not a file', zh: '不是文件' },
  'picture-no-bytes': { en: 'is empty (0 bytes)', zh: '是空的（0 字节）' },
  'picture-too-many-bytes': { en: 'has {bytes} bytes; at most {most} are read', zh: '有 {bytes} 字节；最多读 {most}' },
  'picture-too-many-megapixels': {
    en: 'has too many pixels; at most {most} million are read',
    zh: '像素过多；最多读 {most} 百万像素',
  },
  'picture-scans': {
    en: 'is a JPEG of too many scans; at most {most} are decoded',
    zh: '是扫描遍数过多的 JPEG；最多解码 {most} 遍',
  },
  'picture-format': {
    en: 'is {format}; expected JPEG, PNG, WebP or BMP',
    zh: '是 {format}；应为 JPEG、PNG、WebP 或 BMP',
  },
  'picture-not-one': {
    en: 'is not a picture; expected JPEG, PNG, WebP or BMP',
    zh: '不是图片；应为 JPEG、PNG、WebP 或 BMP',
  },
  'picture-not-decoded': { en: 'was not decoded within {seconds} s', zh: '{seconds} 秒内没有解码完' },
  'picture-damaged': { en: 'is truncated or damaged ({cause})', zh: '不完整或已损坏（{cause}）' },
  'bmp-header-cut': {
    en: 'is a truncated BMP: {bytes} bytes, the headers alone have {needed}',
    zh: '是不完整的 BMP：只有 {bytes} 字节，仅文件头就要 {needed}',
  },
  'bmp-pixels-cut': {
    en: 'is a truncated BMP: {bytes} bytes, {width} × {height} pixels need {needed}',
    zh: '是不完整的 BMP：只有 {bytes} 字节，{width} × {height} 像素要 {needed}',
  },
  'bmp-header': {
    en: 'is a BMP with a header of {bytes} bytes; expected {needed}',
    zh: '是文件头为 {bytes} 字节的 BMP；应为 {needed}',
  },
  'bmp-bits': {
    en: 'is a BMP of {bits} bits, compression {compression}; expected 24 bits, compression 0',
    zh: '是 {bits} 位、压缩方式 {compression} 的 BMP；应为 24 位、不压缩（0）',
  },
  'bmp-size': { en: 'is a BMP of {width} × {height} pixels', zh: '是 {width} × {height} 像素的 BMP' },

  'thread-pool-closed': { en: 'the pool is closed', zh: '识别线程已停' },
  'thread-none-free': { en: 'no inference thread is free', zh: '没有空闲的识别线程' },
  'thread-not-ready': { en: 'thread was not ready within {ms} ms', zh: '识别线程在 {ms} 毫秒内没有就绪' },
  'thread-ended': { en: 'thread ended by itself with code {code}', zh: '识别线程自行退出，代码 {code}' },
  'thread-job-late': { en: 'job "{kind}" was not done within {ms} ms', zh: '任务“{kind}”在 {ms} 毫秒内没有完成' },
  'thread-not-in-time': { en: 'could not be decoded in time ({cause})', zh: '没有及时解码（{cause}）' },
  'queue-late': { en: 'not done within {ms} ms', zh: '{ms} 毫秒内没有完成' },
  'queue-stops': { en: 'the box stops', zh: '本机正在停机' },
  'queue-full': { en: '{most} wait for a thread already', zh: '已有 {most} 个在等识别线程' },
  'model-file-missing': {
    en: 'the file {file} of model {name} ({origin}) is missing: {remedy}',
    zh: '模型 {name}（{origin}）的文件 {file} 不存在：{remedy}',
  },
  'model-file-other': {
    en: 'the file {file} of model {name} ({origin}) {how}: {remedy}',
    zh: '模型 {name}（{origin}）的文件 {file} {how}：{remedy}',
  },
  'model-other-length': { en: 'has {bytes} bytes instead of {expected}', zh: '有 {bytes} 字节，应为 {expected}' },
  'model-other-digest': { en: 'was altered, its SHA-256 is {sha256}', zh: '被改动，SHA-256 为 {sha256}' },
  'model-not-readable': {
    en: 'model {name} cannot be opened by ONNX Runtime',
    zh: 'ONNX Runtime 打不开模型 {name}',
  },
  'model-built-from': { en: 'built from {package} {version}', zh: '由 {package} {version} 制成' },
  'model-own': { en: 'our own, trained by {script}', zh: '自己训练，见 {script}' },
  'model-from': { en: 'downloaded from {url}', zh: '来自 {url}' },
  'model-remedy-fetch': { en: 'run npx sitebox models fetch {name}', zh: '执行 npx sitebox models fetch {name}' },
  'model-remedy-restore': {
    en: 'restore models/{file} from the repository or the installed release',
    zh: '从代码库或已安装的版本恢复 models/{file}',
  },
  'model-remedy-setup': {
    en: 'run ./setup again; if that does not help, delete node_modules and run it once more',
    zh: '重新运行 ./setup；仍不行就删掉 node_modules 再运行一次',
  },
});
