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
    zh: '7 个字符（新能源 8 个）、本机认得的号牌（这个有 {length} 个字符）',
  },
  'model-built-from': { en: 'built from {package} {version}', zh: '由 {package} {version} 制成' },
  'model-own': { en: 'our own, trained by {script}', zh: '自己训练，见 {script}' },
  'model-from': { en: 'from {url}', zh: '来自 {url}' },
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
