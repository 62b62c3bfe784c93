/** Why a list, a root of trust or a signature is refused. */
import { area } from './area.ts';

export const lists = area({
  'whose-list-key': { en: 'list key', zh: '名单密钥' },
  'whose-root-key': { en: 'root key', zh: '根密钥' },
  'whose-root-key-of': { en: 'root key of version {version}', zh: '第 {version} 版的根密钥' },
  'signature-none': { en: 'there is no signature; have the list office sign the file', zh: '没有签名；请名单部门签名' },
  'signature-file-too-long': {
    en: 'the signature file is longer than {most} bytes; copy it again',
    zh: '签名文件超过 {most} 字节；请重新复制',
  },
  'signature-file-cut-off': { en: 'the signature file is cut off; copy it again', zh: '签名文件不完整；请重新复制' },
  'signature-line-form': {
    en: 'line {line} of the signature file is not "key id, space, base64"; copy it again',
    zh: '签名文件第 {line} 行不是“密钥号、空格、base64”；请重新复制',
  },
  'signature-does-not-fit': {
    en: 'the bytes do not fit the signature of {key}, a {whose}; fetch the file and its .sig again, and inform the list office if it stays so',
    zh: '文件内容与{whose} {key} 的签名不符；请重新取文件和 .sig，仍不符就告知名单部门',
  },
  'signatures-missing': {
    en: '{good} of the {needed} needed signatures by a {whose} of the root of trust, {missing} missing; have the missing ones added by the list office',
    zh: '信任根的{whose}须 {needed} 个签名，现有 {good} 个，缺 {missing} 个；请名单部门补签',
  },
  'signatures-strange': {
    en: '{detail}. {strange|signature is|signatures are} by keys that this root (version {version}) does not know: is a newer root.json due, or is it the list of another office?',
    zh: '{detail}。另有 {strange} 个签名出自这个信任根（第 {version} 版）不认识的密钥：是否该换新的 root.json，或者这是别的部门的名单？',
  },
  'signature-beside-missing': {
    en: '{path}.sig is missing; copy the signature file beside it',
    zh: '缺少 {path}.sig；请把签名文件复制到它旁边',
  },

  'list-is-of-type': {
    en: 'the list is of type {type}, expected {expected}',
    zh: '名单种类是 {type}，应为 {expected}',
  },
  'list-of-other-site': {
    en: 'the list was signed for site {other}, this is {site}; ask for our own',
    zh: '名单是为站点 {other} 签的，本站是 {site}；请要本站的名单',
  },
  'list-life': {
    en: 'the list must end after it begins and live 7 days at most; have it signed again',
    zh: '名单的到期须晚于开始，且最长七天；请重新签名',
  },
  'list-salt-not-here': {
    en: 'the list has a salt, which is for doc-list only',
    zh: '名单带有盐值，只有 doc-list 才该有',
  },
  'list-salt-missing': { en: 'the list has no salt; have the list made again', zh: '名单缺少盐值；请重新制作' },
  'list-ran-out': { en: 'the list ran out at {at}; import a newer one', zh: '名单已于 {at} 到期；请导入新的' },
  'list-begins-later': {
    en: 'the list begins at {at}, and the clock of this box says {now}: check the clock',
    zh: '名单从 {at} 开始，而本机时钟是 {now}：请检查时钟',
  },
  'list-version-lower': {
    en: 'the list has version {version}, this box already holds {held}; have it signed with a higher version',
    zh: '名单是第 {version} 版，本机已有第 {held} 版；请用更大的版本号重签',
  },
  'list-version-again': {
    en: 'version {version} is already here with other content; have the list signed with a higher version',
    zh: '第 {version} 版已有，但内容不同；请用更大的版本号重签',
  },
  'file-too-big': {
    en: '{name} has {bytes} bytes, at most {most} are read; check that it is the right file',
    zh: '{name} 有 {bytes} 字节，最多读 {most}；请确认拿对了文件',
  },
  'the-list': { en: 'the list file', zh: '名单文件' },
  'file-form': { en: '{name} does not have the expected form: {problems}', zh: '{name} 格式不对：{problems}' },
  'list-entries-most': {
    en: 'the list has {entries} entries, at most {most} are taken; leave out what is over, or divide it',
    zh: '名单有 {entries} 条，最多收 {most} 条；请去掉多出的，或分成几份',
  },
  'entry-problem': { en: 'list entry {entry}: {problem}', zh: '第 {entry} 条：{problem}' },
  'entry-twice': { en: 'id appears twice in the list', zh: '编号重复' },
  'list-has-problems': {
    en: '{problems}. Have the list office correct and sign it again',
    zh: '{problems}。请名单部门改正后重签',
  },
  'and-more-problems': { en: 'and {more} more problems', zh: '另有 {more} 处' },
  'signed-no-json': {
    en: '{name} is signed, but it is no JSON text in UTF-8; have it made again',
    zh: '{name} 有签名，但不是 UTF-8 的 JSON；请重新制作',
  },
  'list-of-old-keys': {
    en: 'signed by list keys of root version {old}, which the root.json in place (version {next}) replaces; have the list signed with the new keys. The list in force stays in force',
    zh: '这是用第 {old} 版信任根的名单密钥签的，而就位的 root.json（第 {next} 版）已取代它；请用新密钥重签。现行名单继续有效',
  },
  'list-none-salvaged': {
    en: 'no {list} could be read out of the damaged store',
    zh: '损坏的存储里读不出{list}',
  },
  'list-none-under-root': {
    en: 'no {list} was imported under root version {version}; import one',
    zh: '第 {version} 版信任根之下还没有导入{list}；请导入',
  },
  'list-not-as-imported': {
    en: 'the stored {list} is not the one that was imported; import it again',
    zh: '存储里的{list}不是导入的那一份；请重新导入',
  },
  'lists-being-loaded': {
    en: 'the lists are being loaded and checked after the start; nothing matches until then',
    zh: '启动后正在载入并校验名单；在此之前什么都比不中',
  },
  'lists-not-loadable': {
    en: 'the lists of the store could not be loaded: {cause}; nothing matches until they are',
    zh: '存储里的名单无法载入：{cause}；载入之前什么都比不中',
  },
  'lists-load-too-slow': { en: 'it takes longer than {seconds} s', zh: '载入超过 {seconds} 秒' },
  'lists-load-no-answer': {
    en: 'the thread that loads the lists ended without an answer',
    zh: '载入名单的线程没有结果就退出了',
  },

  'root-none': {
    en: 'this box has no root of trust; put root.json and root.json.sig in place',
    zh: '本机没有信任根；请放好 root.json 和 root.json.sig',
  },
  'root-stored-altered': {
    en: 'stored root version {version}: {detail}; restore the store',
    zh: '存储里的信任根第 {version} 版：{detail}；请恢复存储',
  },
  'root-other-of-version': {
    en: 'this is another root version {version} than the one that this box has had; put that one in place',
    zh: '这份第 {version} 版信任根与本机有过的不是同一份；请放回原来那份',
  },
  'root-older': {
    en: 'root version {version} is older than version {held}, which this box has had; put that one in place',
    zh: '信任根第 {version} 版比本机有过的第 {held} 版旧；请放回那一版',
  },
  'root-unusable': { en: 'the root of trust cannot be used: {detail}', zh: '信任根不能用：{detail}' },
  'root-one-by-one': {
    en: '{detail} (roots are installed one by one: this one must be {next})',
    zh: '{detail}（信任根须逐版安装：这一份应为第 {next} 版）',
  },
  'root-does-not-follow': {
    en: 'root version {version} does not follow version {old}; install version {next} first',
    zh: '信任根第 {version} 版不能接在第 {old} 版之后；请先安装第 {next} 版',
  },
  'root-ran-out': {
    en: 'root.json version {version} ran out at {at}; install its successor',
    zh: 'root.json 第 {version} 版已于 {at} 到期；请安装下一版',
  },
  'root-too-long': { en: 'root.json is longer than {most} bytes', zh: 'root.json 超过 {most} 字节' },
  'root-life': { en: 'root.json: expires must lie after issued', zh: 'root.json：expires 须晚于 issued' },
  'root-key-in-both': { en: 'root.json: key {id} is in both roles', zh: 'root.json：密钥 {id} 同时属于两类' },
  'root-key-id': {
    en: 'root.json: {keys}: {id} is not the id of its key',
    zh: 'root.json：{keys}：{id} 与它的密钥不符',
  },
  'root-key-twice': { en: 'root.json: {keys}: key {id} appears twice', zh: 'root.json：{keys}：密钥 {id} 重复' },
  'root-threshold': {
    en: 'root.json: {keys}: threshold {threshold} with {of} keys can never be met',
    zh: 'root.json：{keys}：{of} 把密钥凑不够 threshold {threshold}',
  },
  'changed-meanwhile': {
    en: 'another list or root was imported meanwhile: nothing was changed; do it again and look at the new difference',
    zh: '其间有人导入了别的名单或信任根：没有任何改动；请重做一遍，看清新的差别',
  },

  'path-unreadable': {
    en: '{path} cannot be read ({code}); check the path',
    zh: '读不了 {path}（{code}）；请检查路径',
  },
  'key-file-none': {
    en: '{path} is no key file of sitebox; give the NAME.key that new-root made',
    zh: '{path} 不是 sitebox 的密钥文件；请用 new-root 生成的 名称.key',
  },
  'key-file-damaged': {
    en: '{path} is damaged: its id is not that of its key',
    zh: '{path} 已损坏：编号与密钥不符',
  },
});
