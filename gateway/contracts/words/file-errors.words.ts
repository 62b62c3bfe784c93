/** Why a file or folder that a person named cannot be used, and what to do. */
import { area } from './area.ts';

export const fileErrors = area({
  'fault-denied': {
    en: '{path}: this account may not read or change it',
    zh: '{path}：当前账户无权读取或改动',
  },
  'fault-denied-todo': {
    en: 'see who owns it and the folders above it (namei -l {path}), and act as an account that may',
    zh: '请查看它和上级目录的属主（namei -l {path}），换有权限的账户再试',
  },
  'fault-missing': { en: '{path} does not exist', zh: '{path} 不存在' },
  'fault-missing-todo': {
    en: 'check how {path} is written, or create it first',
    zh: '请检查 {path} 的写法，或先建好它',
  },
  'fault-taken': { en: '{path} exists already and is not overwritten', zh: '{path} 已经存在，不会覆盖' },
  'fault-taken-todo': { en: 'choose another name, or move {path} away', zh: '请换一个名称，或移走 {path}' },
  'fault-folder': { en: '{path} is a folder, expected a file', zh: '{path} 是目录，应为文件' },
  'fault-folder-todo': { en: 'name a file, for example one in {path}', zh: '请写文件的路径，例如 {path} 里的文件' },
  'fault-no-file': {
    en: '{path} is a link, a pipe or a device, expected the file itself',
    zh: '{path} 是链接、管道或设备，应为文件本身',
  },
  'fault-no-file-todo': { en: 'put the file itself at {path}', zh: '请把文件本身放到 {path}' },
  'fault-in-the-way': {
    en: '{path} leads through a file where a folder is expected',
    zh: '{path} 的路径上有文件，应为目录',
  },
  'fault-in-the-way-todo': { en: 'choose another path than {path}', zh: '请换一个路径，不用 {path}' },
  'fault-read-only': {
    en: '{path} lies on a disk that is mounted read-only',
    zh: '{path} 所在磁盘以只读方式挂载',
  },
  'fault-read-only-todo': {
    en: 'mount the disk of {path} for writing, or choose another place',
    zh: '请把 {path} 所在磁盘改为可写挂载，或换一个位置',
  },
});
