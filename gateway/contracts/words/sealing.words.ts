/** What the box and `sitebox rekey` say of the keys that the store is sealed with. */
import { area } from './area.ts';

export const sealing = area({
  'seal-no-key': {
    en: 'the key that the store seals with cannot be read: use the account of the service, while the service runs (docs/store.md, "Sealed at rest")',
    zh: '读不到存储的密钥：请在服务运行时用服务账号执行（docs/store.md）',
  },
  'seal-keys-not': { en: 'it is no file of keys, or not as it was written', zh: '不是密钥文件，或内容已变' },
  'seal-keys-other-credential': {
    en: 'the credential {credential} does not open it: {cause}',
    zh: '凭据 {credential} 打不开它：{cause}',
  },
  'seal-credential-short': { en: 'it has {bytes|byte|bytes}, expected 32 or more', zh: '只有 {bytes} 字节，至少要 32' },
  'seal-key-lost': {
    en: 'a key that the store was sealed with is lost, and what it sealed cannot be read (column and how many values): {rows}{causes}',
    zh: '存储的一把密钥丢失，用它加密的内容读不出来（列名和条数）：{rows}{causes}',
  },
  'seal-key-lost-todo': {
    en: 'put the lost file beside seal.keys as seal.keys.old (over the new one it would lose that), or give the credential back, and start the box anew; if it is gone for good: npx sitebox rekey --accept-loss --config FILE --by NAME. New hits are kept under a new key meanwhile',
    zh: '把丢失的文件以 seal.keys.old 为名放到 seal.keys 旁边（不要覆盖新文件），或恢复凭据，再重启本机；如果确实找不回：npx sitebox rekey --accept-loss --config 配置文件 --by 姓名。其间新的命中用新密钥保存',
  },
  'seal-lost-none': { en: 'no row that is still here', zh: '现存记录里没有' },
  'seal-file-unreadable': { en: '; {file}: {cause}', zh: '；{file}：{cause}' },
  'check-seal-key-file': {
    en: 'note: the key of the store lies in a file of the storage folder: theft of this box opens everything in it; to keep the key in the TPM see systemd/README.md, "Key of the store"',
    zh: '注意：存储的密钥放在存储目录的文件里：本机被盗，其中内容全部可读；要把密钥放进 TPM，见 systemd/README.md',
  },
  'check-authority-none': {
    en: 'note: this box has no private authority yet: its first start makes one, which every screen on the network has to trust (docs/tls.md); where screens trust one already, restore a backup first',
    zh: '注意：本机还没有自签根证书：首次启动时生成，网络上的每台终端都要信任它（docs/tls.md）；若终端已信任原有的根证书，请先恢复备份',
  },
  'check-authority-lost': {
    en: 'note: the key of the private authority that screens trust cannot be opened here: run it as the account of the service; if it is lost, see docs/tls.md',
    zh: '注意：这里打不开终端所信任的自签根证书的密钥：请用服务账号执行；若密钥已丢失，见 docs/tls.md',
  },
  'backup-no-seal-keys': {
    en: 'the keys that the store is sealed with cannot be read, and a backup without them could not be restored elsewhere: run it as the account of the service, while the service runs',
    zh: '读不到存储的密钥，没有密钥的备份换一台机器就恢复不了：请在服务运行时用服务账号执行',
  },
  'help-new-authority': {
    en: 'make another private authority for the web server; every screen has to trust it',
    zh: '为网页服务重新生成自签根证书；每台终端都要重新信任',
  },
  'rekey-store-open': {
    en: 'another program has the store in {folder} open, perhaps a verb that waits for a password: end it first. Nothing was changed.',
    zh: '另有程序正在使用 {folder} 里的存储，可能是正在等待输入密码的命令：请先结束它。没有任何改动。',
  },
  'help-rekey': {
    en: 'make a new key for the store, seal every row again and destroy the old key; box stopped',
    zh: '为存储换新密钥，全部记录重新加密，并销毁旧密钥；须先停机',
  },
  'help-rekey-accept': {
    en: 'instead: a lost key is known to be gone for good, and its alarm ends; the box may run',
    zh: '改为：确认丢失的密钥找不回来，解除告警；本机可以不停',
  },
  'rekey-unreadable': {
    en: 'the keys of the store cannot be read, and nothing was changed: {cause}',
    zh: '读不到存储的密钥，没有任何改动：{cause}',
  },
  'rekey-none': {
    en: 'there is no seal.keys in {folder}: start the box once',
    zh: '{folder} 里没有 seal.keys：请先启动一次本机',
  },
  'rekey-done': {
    en: 'sealed again under key {key}: {values|value|values}; the old keys are destroyed',
    zh: '已用新密钥 {key} 重新加密 {values} 个值；旧密钥已销毁',
  },
  'rekey-unopened': {
    en: '{values|value|values} could not be opened and stay as they are',
    zh: '{values} 个值打不开，保持原样',
  },
  'rekey-half': {
    en: 'every row can still be read; make room and run it again',
    zh: '全部记录仍可读出；腾出空间后再执行一次',
  },
  'rekey-backups': {
    en: 'backups made before hold the old keys and can still be restored until their last day',
    zh: '之前的备份里有旧密钥，在最后期限之前仍可恢复',
  },
  'rekey-accepted': { en: 'acknowledged: keys {keys} are lost for good', zh: '已确认：密钥 {keys} 无法找回' },
  'rekey-nothing-lost': { en: 'no key is lost; nothing was changed', zh: '没有丢失的密钥；没有任何改动' },
  'rekey-still-sealed': {
    en: 'values are still sealed with an old key: no key is destroyed',
    zh: '还有值用旧密钥加密：没有销毁任何密钥',
  },
});
